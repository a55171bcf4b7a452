// Has the explorer's own scripts write requests as programs: prints, by name,
// what has to arrive and the program in each language.
import { address, authorization, bodyOf } from '../../../internal/explorer/static/request.js';
import { languages, snippet } from '../../../internal/explorer/static/snippets.js';

const [origin, text] = process.argv.slice(2);
const values = JSON.parse(text);
const line = (value) => value.replace(/[\r\n]/g, ' ').trim();
const latin = (value) => line(value).replace(/[^\x20-\x7e]/g, '?');
const out = {};

function add(name, request) {
  out[name] = {
    Wire: {
      Method: request.method, Target: request.url.slice(origin.length), Authorization: authorization(request.show) ?? '',
      Type: request.form ? 'application/x-www-form-urlencoded' : request.headers.find(([n]) => n === 'Content-Type')?.[1] ?? '',
      Extra: request.headers.find(([n]) => n === 'X-Extra')?.[1] ?? '', Body: bodyOf(request) ?? '',
    },
    Programs: Object.fromEntries(languages.map((l) => [l, snippet(l, request, { fill: true })])),
  };
}

const all = values.join(' · ');
const query = values.map((v, i) => [`p${i}`, v]);
add('query', { method: 'GET', url: address(origin, '/a/{x}/b', { x: values[1] }, query), headers: [['X-Extra', values.map(latin).join(' ')]], form: null, body: null, show: { kind: 'bearer', token: latin(values[2]) } });
add('form', { method: 'POST', url: `${origin}/form`, headers: [], form: values.map((v, i) => [`f${i}`, v]), body: null, show: { kind: 'basic', user: 'user', password: line(all).replaceAll('\\', '') + '\\x' } });
add('json', { method: 'POST', url: `${origin}/json`, headers: [['Content-Type', 'application/json']], form: null, body: JSON.stringify(values), show: { kind: 'bearer', token: 'abc' } });
add('lines', { method: 'PUT', url: `${origin}/lines`, headers: [['Content-Type', 'application/json']], form: null, body: JSON.stringify({ a: values }, null, 2), show: null });
for (const [i, value] of values.entries()) {
  add(`body ${i}`, { method: 'PATCH', url: `${origin}/body`, headers: [['Content-Type', 'text/plain; charset=utf-8']], form: null, body: `${value}\nand ${value}`, show: null });
}
console.log(JSON.stringify(out));
