// What stands below a form: the answer to its request, and the request as a
// program. Everything is put in as text.
import { snippet } from './snippets.js';
import { say, size } from './words.js';

const one = (selector, within) => within.querySelector(selector);
const all = (selector, within) => [...within.querySelectorAll(selector)];

const shortest = 200_000; // characters of an answer that are shown at once

let language = 'curl'; // of all programs on the page

/** Puts the tools into a place. compose gives the request, or throws a RangeError. */
export function bench(place, compose) {
  place.append(document.getElementById('bench').content.cloneNode(true));
  const answer = one('.answer', place);
  const program = one('.program', place);
  const draw = () => drawProgram(program, compose);
  program.addEventListener('toggle', draw);
  one('[data-fill]', program).addEventListener('change', draw);
  for (const button of all('[data-language]', program)) {
    button.addEventListener('click', () => {
      language = button.dataset.language;
      draw();
    });
  }
  for (const button of all('[data-copy]', place)) button.addEventListener('click', () => copy(button));
  let turn = 0; // of the answers: one that comes after the next was asked for is nobody's
  return {
    draw,
    run(work, doing) {
      const mine = ++turn;
      return run(answer, work, { doing, wanted: () => mine === turn });
    },
    forget() {
      turn++;
      clean(answer);
      answer.hidden = true;
    },
  };
}

let latest = 0;

async function drawProgram(program, compose) {
  if (!program.open) return;
  const mine = ++latest;
  for (const button of all('[data-language]', program)) button.setAttribute('aria-pressed', String(button.dataset.language === language));
  let text;
  try {
    text = snippet(language, hidden(await compose(), one('[data-fill]', program).checked), { fill: one('[data-fill]', program).checked });
  } catch (e) {
    if (!(e instanceof RangeError)) throw e;
    text = say(e.message);
  }
  if (mine === latest || program.isConnected) one('[data-snippet]', program).textContent = text;
}

// Secrets of a form or a body are left out with the token.
function hidden(request, fill) {
  if (fill) return request;
  const secret = /secret|password|token$/i;
  const out = { ...request };
  if (request.form) out.form = request.form.map(([n, v]) => [n, secret.test(n) ? n.toUpperCase() : v]);
  if (request.body) {
    try {
      const fields = JSON.parse(request.body);
      const names = Object.keys(fields).filter((n) => secret.test(n) && typeof fields[n] === 'string');
      if (names.length) out.body = JSON.stringify({ ...fields, ...Object.fromEntries(names.map((n) => [n, n.toUpperCase()])) }, null, 2);
    } catch { /* what is no JSON has no fields */ }
  }
  return out;
}

/** Does the work and shows what came of it, if it is still wanted: { answer, text?, took, note? }. */
async function run(answer, work, { doing = 'sending', wanted }) {
  answer.hidden = false;
  const status = one('[data-status]', answer);
  const facts = one('[data-facts]', answer);
  Object.assign(status, { textContent: say(doing), className: '' });
  facts.textContent = '';
  note(answer, '');
  try {
    const done = await work();
    const bytes = done.text === undefined ? await done.answer.arrayBuffer() : new TextEncoder().encode(done.text);
    if (wanted()) show(answer, done, bytes);
  } catch (e) {
    if (!wanted()) return;
    clean(answer);
    status.className = 'bad';
    status.textContent = e instanceof RangeError ? say(e.message, e.cause) : say('offline');
  }
}

function note(answer, text) {
  const place = one('[data-note]', answer);
  place.textContent = text;
  place.hidden = !text;
}

function clean(answer) {
  const play = one('[data-play]', answer);
  for (const made of all('[src^="blob:"], [href^="blob:"]', play)) URL.revokeObjectURL(made.src ?? made.href);
  play.replaceChildren();
  play.hidden = true;
  one('[data-text]', answer).replaceChildren();
  one('[data-more]', answer).hidden = true;
  one('dl', answer).replaceChildren();
  one('[data-count]', answer).textContent = '';
}

function show(answer, done, bytes) {
  clean(answer);
  const { status: code, statusText, ok, headers, type } = done.answer;
  const status = one('[data-status]', answer);
  const away = type === 'opaqueredirect'; // no script is told where to
  status.textContent = away ? say('redirect') : `${code} ${statusText}`.trim();
  status.className = ok || away ? 'good' : 'bad';
  one('[data-facts]', answer).textContent = say('facts', { time: Math.round(done.took), size: size(bytes.byteLength) });
  note(answer, done.note ?? '');
  const list = [...headers];
  one('[data-count]', answer).textContent = `(${list.length})`;
  one('dl', answer).append(...list.flatMap(([name, value]) => [element('dt', name), element('dd', value)]));
  const media = headers.get('Content-Type') ?? '';
  if (/^(audio|video|image)\/|octet-stream|zip/.test(media)) play(answer, bytes, media, headers);
  else print(answer, new TextDecoder().decode(bytes), /json|^$/.test(media));
}

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}

function play(answer, bytes, media, headers) {
  const place = one('[data-play]', answer);
  const url = URL.createObjectURL(new Blob([bytes], { type: media }));
  const name = /filename="([^"]+)"/.exec(headers.get('Content-Disposition') ?? '')?.[1] ?? 'answer';
  if (media.startsWith('audio/')) place.append(Object.assign(document.createElement('audio'), { controls: true, src: url }));
  place.append(element('a', say('download', { name }), { href: url, download: name, className: 'main' }));
  place.hidden = false;
  one('.code', answer).hidden = true;
}

function print(answer, text, json) {
  one('.code', answer).hidden = false;
  const place = one('[data-text]', answer);
  let pretty = text;
  if (json) {
    try { pretty = indent(text); } catch { /* shown as it came */ }
  }
  if (!text) {
    place.textContent = say('empty');
    return;
  }
  place.append(...coloured(pretty.slice(0, shortest), json));
  const more = one('[data-more]', answer);
  more.hidden = pretty.length <= shortest;
  one('button', more).onclick = () => {
    place.textContent = pretty;
    more.hidden = true;
  };
}

// JSON with line breaks, its texts and numbers as they came: to parse and write
// it again would change large numbers.
function indent(text) {
  JSON.parse(text);
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|\s+/g, (part, at) => {
    switch (part[0]) {
      case '{': case '[': {
        const rest = /^\s*[\]}]/.test(text.slice(at + 1, at + 64));
        depth++;
        return rest ? part : part + line();
      }
      case '}': case ']': {
        depth--;
        const empty = /[{[]\s*$/.test(text.slice(Math.max(0, at - 64), at));
        return empty ? part : line() + part;
      }
      case ',': return part + line();
      case ':': return ': ';
      case ' ': case '\n': case '\t': case '\r': return '';
      default: return part;
    }
  });
}

function coloured(text, json) {
  if (!json) return [text];
  const out = [];
  let at = 0;
  for (const m of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    if (m.index > at) out.push(text.slice(at, m.index));
    const kind = m[1] ? (m[2] ? 'key' : 'string') : 'value';
    out.push(element('span', m[1] ?? m[0], { className: kind }));
    if (m[2]) out.push(m[2]);
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out;
}

async function copy(button) {
  const text = one('code', button.parentElement).textContent;
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const range = document.createRange(); // no clipboard without TLS: what can be copied is marked
    range.selectNodeContents(one('code', button.parentElement));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand?.('copy');
  }
  button.textContent = say('copied');
  setTimeout(() => { button.textContent = before; }, 1500);
}
