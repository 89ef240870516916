// Reads a calendar on stdin with ical.js and prints the next starts as UTC instants, in order.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [modules, from, count] = process.argv.slice(2);
const { default: ICAL } = await import(pathToFileURL(join(modules, 'ical.js', 'dist', 'ical.js')));
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
calendar.getAllSubcomponents('vtimezone').forEach((zone) => ICAL.TimezoneService.register(zone));
const found = [];
for (const component of calendar.getAllSubcomponents('vevent')) {
  const event = new ICAL.Event(component);
  const steps = event.iterator();
  for (let next = steps.next(), many = 0; next && many < Number(count) * 4; next = steps.next()) {
    const at = next.toJSDate();
    if (at >= new Date(from)) { found.push(at); many += 1; }
  }
}
found.sort((a, b) => a - b);
console.log(JSON.stringify(found.slice(0, Number(count)).map((at) => at.toISOString().slice(0, 19) + 'Z')));
