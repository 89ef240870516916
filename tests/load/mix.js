// What visitors and programs of a busy hour ask for, for k6: the first page, the two boxes and their results, a listing,
// a match by a program, the page of help. Greedily (each client asks again as soon as it is answered) or at a rate.
import http from 'k6/http';
import { Counter } from 'k6/metrics';

const site = __ENV.SITE, given = JSON.parse(open(__ENV.GIVEN));
const bad = new Counter('bad'), full = new Counter('full');
const clients = Number(__ENV.CLIENTS), rate = Number(__ENV.RATE || 0), duration = __ENV.SECONDS + 's';
const forms = { headers: { 'Sec-Fetch-Site': 'same-origin' } };
const json = { headers: { 'Content-Type': 'application/json' } };

http.setResponseCallback(http.expectedStatuses({ min: 200, max: 399 }, 503));

export const options = {
  scenarios: {
    all: rate
      ? { executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration, preAllocatedVUs: clients, maxVUs: clients,
          gracefulStop: '30s' }
      : { executor: 'constant-vus', vus: clients, duration, gracefulStop: '30s' },
  },
  summaryTrendStats: ['med', 'p(99)', 'max', 'count'],
  discardResponseBodies: true,
};

const one = (many) => many[Math.floor(Math.random() * many.length)];

function see(answer) {
  if (answer.status === 503 && answer.headers['Retry-After']) full.add(1);
  else if (answer.status !== 200) {
    bad.add(1);
    console.error(`${answer.request.method} ${answer.url.slice(site.length).split("/")[0]} ${answer.status} ${answer.error}`);
  }
}

export default function () {
  const chance = Math.random();
  if (chance < 0.2) see(http.get(site));
  else if (chance < 0.5) see(http.post(site, { need: one(given.needs), place: one(given.places) }, forms));
  else if (chance < 0.75) see(http.get(`${site}programs/${one(given.slugs)}`, { tags: { name: 'listing' } }));
  else if (chance < 0.9) see(http.post(`${site}api/v1/match`, JSON.stringify(one(given.intakes)), json));
  else see(http.get(`${site}crisis`));
}

export function handleSummary(data) {
  return { [__ENV.OUT]: JSON.stringify(data.metrics) };
}
