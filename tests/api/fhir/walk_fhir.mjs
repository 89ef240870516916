// Walks a FHIR server with MedplumClient of `@medplum/core` as its authors publish it, and prints what it found:
// node walk_fhir.mjs MODULES BASE. How many of each type page by page, one read by its id, and how a refusal is told.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, baseUrl] = process.argv.slice(2);
const { MedplumClient } = createRequire(join(modules, 'any.js'))('@medplum/core');
const client = new MedplumClient({ baseUrl, fhirUrlPath: 'fhir', fetch });
const seen = {};
for (const type of ['HealthcareService', 'Location', 'Organization', 'Questionnaire']) {
  seen[type] = [];
  for await (const page of client.searchResourcePages(type, { _count: 4 })) {
    seen[type].push(...page.map((one) => one.id));
  }
}
const [service] = await client.searchResources('HealthcareService', 'name=evening');
const read = await client.readResource('HealthcareService', service.id);
const statement = await client.get(client.fhirUrl('metadata'));
const refusal = await client.search('HealthcareService', { color: 'red' }).catch((wrong) => wrong.outcome);
console.log(JSON.stringify({
  seen, same: JSON.stringify(service) === JSON.stringify(read), name: read.name, version: statement.fhirVersion,
  refusal: refusal.issue[0].diagnostics,
}));
