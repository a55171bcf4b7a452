// The page of one API: ways in, the token, and a form for every method.
import { themed } from './theme.js';
import { Session, Refused } from './session.js';
import { bench } from './bench.js';
import { words, say, clock, span } from './words.js';
import { authorize, redirectURL } from './authorize.js';
import { address, exchange, fill, send } from './request.js';

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);

const schemes = JSON.parse(document.body.dataset.schemes);
const token = one('#token');
const state = one('[data-state]');
const renewal = one('[data-renewal]');
words(JSON.parse(document.body.dataset.words));

const session = new Session({
  origin: location.origin,
  fetch: (...args) => fetch(...args),
  now: () => performance.now(),
  changed,
});

// The token

function changed(what, error) {
  token.value = session.token;
  if (what === 'entered') renewal.textContent = '';
  if (what === 'renewed') renewal.textContent = say('renewed', { time: clock(session.renewedAt) });
  if (what === 'failed') renewal.textContent = say('failed', { status: error instanceof Refused ? error.answer.answer.status : say('offline') });
  tell();
  for (const work of all('form')) work.drawn?.();
}

let told = '';

function tell() {
  const left = session.left;
  let text = say('no_token');
  if (session.token) {
    text = say(session.renewable ? 'entered' : 'set');
    if (!session.renewable) text += ` ${say('by_hand')}`;
    if (left !== null && left <= 0) text = say('ended');
  }
  if (text !== told) state.textContent = told = text;
  let rest = one('.left', state.parentElement);
  if (!rest) {
    rest = document.createElement('p');
    rest.className = 'left';
    state.after(rest);
  }
  rest.textContent = session.token && left > 0 ? say('ends', { time: span(left) }) : '';
  state.parentElement.dataset.kind = !session.token ? 'none' : left !== null && left <= 0 ? 'ended' : 'good';
}

setInterval(tell, 1000);

one('[data-token]').addEventListener('submit', (e) => {
  e.preventDefault();
  session.set(token.value.trim().replace(/^Bearer\s+/i, ''));
});
one('[data-clear]').addEventListener('click', () => {
  session.clear();
  renewal.textContent = '';
});

for (const button of all('[data-show]')) {
  button.addEventListener('click', () => {
    const input = document.getElementById(button.dataset.show);
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
    button.textContent = say(shown ? 'show' : 'hide');
  });
}

// Ways in. Their inputs are those of one form; a way that is chosen shows its own.

const form = one('form.way');
const ways = form ? JSON.parse(form.dataset.ways) : [];
let way = ways[0];
if (form && one('[data-redirect]', form)) one('[data-redirect] code', form).textContent = redirectURL(location.origin);

// What people have, by name.
function having() {
  const out = {};
  for (const input of all('form.way [data-input]')) if (input.value) out[input.dataset.input] = input.value;
  if (session.refresh) out.refresh_token = session.refresh;
  return out;
}

const lifetime = () => one('[data-lifetime]', form)?.value.trim() ?? '';

if (form) {
  const work = bench(one('[data-bench]', form), () => exchange(location.origin, way, way.Get, having(), lifetime()));
  form.drawn = work.draw;
  form.addEventListener('input', work.draw);
  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    await work.run(async () => {
      const code = way.Authorize ? await authorize({
        origin: location.origin, path: way.Authorize, client: having().client_id, issuer: document.body.dataset.issuer,
      }) : {};
      try {
        return await session.enter(way, { ...having(), ...code }, lifetime());
      } catch (error) {
        if (error instanceof Refused) return error.answer;
        throw error;
      }
    }, way.Authorize ? 'waiting' : 'sending');
  });
  for (const button of all('[data-choose]')) {
    button.addEventListener('click', () => {
      way = ways.find((w) => w.Name === button.dataset.choose);
      for (const other of all('[data-choose]')) other.setAttribute('aria-pressed', String(other === button));
      for (const field of all('[data-of]', form)) {
        field.hidden = !field.dataset.of.split(' ').includes(way.Name);
        const input = one('input', field);
        const optional = way.Inputs.some((i) => i.Name === input.dataset.input && i.Optional);
        Object.assign(input, { disabled: field.hidden, required: !field.hidden && !optional });
      }
      one('[data-step]', form).textContent = `${way.Authorize ? `GET ${way.Authorize}, ` : ''}${way.Get.Method} ${way.Get.Path}`;
      const back = one('[data-redirect]', form);
      if (back) back.hidden = !way.Authorize;
      work.forget(); // what another way gave holds its token
      work.draw();
    });
  }
}

// Methods

/** What the method shows to be let in. */
function shown(form) {
  for (const name of form.dataset.schemes.split(' ')) {
    const scheme = schemes.find((s) => s.Name === name);
    if (!scheme) continue;
    const [first, second] = scheme.Holds;
    if (scheme.Kind === 'basic') {
      const have = having();
      return { kind: 'basic', user: fill(first, have) ?? '', password: fill(second, have) ?? '' };
    }
    return { kind: 'bearer', token: first ? fill(first, having()) ?? '' : session.token };
  }
  return null;
}

const usesSession = (form) => form.dataset.schemes.split(' ').some((name) => {
  const scheme = schemes.find((s) => s.Name === name);
  return scheme?.Kind === 'bearer' && !scheme.Holds[0];
});

/** The request that a form stands for. Throws a RangeError for what no request can hold. */
function compose(form) {
  const values = {};
  const query = [];
  const headers = [];
  const pairs = [];
  for (const field of all('[data-in]', form)) {
    const { in: where, name } = field.dataset;
    if (where === 'path') values[name] = field.value;
    else if (field.value === '') continue;
    else if (where === 'query') query.push([name, field.value]);
    else if (where === 'form') pairs.push([name, field.value]);
    else if (/[\r\n]/.test(field.value)) throw new RangeError('line');
    else headers.push([name, field.value]);
  }
  const request = {
    method: form.dataset.method, url: address(location.origin, form.dataset.path, values, query), headers,
    form: form.dataset.media === 'application/x-www-form-urlencoded' ? pairs : null, body: null, show: shown(form),
  };
  const body = one('[data-body]', form)?.value ?? '';
  if (body.trim()) {
    request.body = body;
    headers.push(['Content-Type', form.dataset.media]);
  }
  if (request.show?.kind === 'basic' && !request.show.user) request.show = null;
  return request;
}

async function ask(request) {
  const began = performance.now();
  const answer = await send((...args) => fetch(...args), request);
  return { request, answer, began };
}

/** Sends what a form stands for, with a token that is good, and once more after a renewal. */
async function call(form) {
  if (usesSession(form)) await session.fresh().catch(() => {}); // the answer will say it
  let done = await ask(compose(form));
  if (done.answer.status === 401 && usesSession(form) && session.renewable) {
    const renewed = await session.renew().then(() => true, () => false);
    if (renewed) done = { ...(await ask(compose(form))), note: say('renewed_401') };
  }
  done.took = performance.now() - done.began;
  return done;
}

// A method's tools are made when it is opened first: a page has many.
for (const details of all('details.method')) {
  const form = one('form', details);
  let work;
  const tools = () => {
    if (!work) {
      work = bench(one('[data-bench]', form), () => compose(form));
      form.drawn = work.draw;
      form.addEventListener('input', work.draw);
    }
    return work;
  };
  details.addEventListener('toggle', () => { if (details.open) tools().draw(); });
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    tools().run(() => call(form));
  });
}

// Getting about

function open() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView({ block: 'start' });
  one('summary', target).focus({ preventScroll: true });
}

addEventListener('hashchange', open);
for (const link of all('.side a[href^="#"]')) link.addEventListener('click', () => { if (link.hash === location.hash) open(); });
open();

const narrow = matchMedia('(max-width: 900px)');
const drawer = one('.drawer');
const fold = () => { drawer.open = !narrow.matches; };
narrow.addEventListener('change', fold);
fold();
for (const link of all('a[href^="#"]', drawer)) link.addEventListener('click', () => { if (narrow.matches) drawer.open = false; });

const filter = () => {
  const wanted = one('#filter').value.trim().toLowerCase().split(/\s+/);
  for (const list of all('.side h2[data-group] + ul')) {
    let some = false;
    for (const item of all('li', list)) {
      const found = wanted.every((w) => one('a', item).dataset.find.toLowerCase().includes(w));
      item.hidden = !found;
      some ||= found;
    }
    list.hidden = list.previousElementSibling.hidden = !some;
  }
};
one('#filter').addEventListener('input', filter);
filter(); // somebody may have typed before this was here

for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => session.touch(), { passive: true });
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && session.renewable && session.due) session.renew().catch((e) => changed('failed', e));
});
// A page that is left keeps nothing, not even for a way back to it.
addEventListener('pagehide', () => {
  session.clear();
  for (const form of all('form')) form.reset();
});

themed();
tell();
