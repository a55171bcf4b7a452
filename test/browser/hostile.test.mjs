// Names and texts of somebody who means harm, or who never heard of limits, in
// every field that a page may show: they are shown as they are and do nothing.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture } from './lib/arrangement.mjs';
import { base, call, manager } from './lib/api.mjs';
import { narrow, wide } from './lib/browser.mjs';
import { address, browseAs } from './lib/console.mjs';
import { crawl, screenOf } from './lib/crawl.mjs';
import { send } from './lib/http.mjs';
import { fits } from './lib/inspect.mjs';

const stand = 'test';
const account = 1;

const texts = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '</title><svg onload=alert(1)>',
  '</textarea><script>alert(1)</script>',
  '{{.}}${alert(1)}`alert(1)`',
  'javascript:alert(1)',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '=HYPERLINK("http://elsewhere.example","x")',
  '\u202etxt.exe \u2066',
  'W'.repeat(120),
];

// Which texts were taken as names of what.
const taken = { roles: new Set(), areas: new Set(), applications: new Set(), 'service-users': new Set(), users: new Set(), tasks: new Set() };

before(async () => {
  const manage = await manager({ stand, account });
  const me = (await manage('/me')).json;
  const list = `/user-lists/${me['user-list-id']}/users`;
  const note = (kind, name, answer) => {
    assert.ok(answer.status < 500, `${answer.status} ${answer.text}`);
    if (answer.status < 300) taken[kind].add(name);
    return answer.json;
  };
  for (const [i, text] of texts.entries()) {
    note('roles', text, await manage('/roles', { name: text, permissions: ['AccountRead'] }));
    note('areas', text, await manage('/areas', { name: text }));
    note('applications', text, await manage('/applications', { name: text, 'display-name': text, description: text, type: 'trusted' }));
    const service = note('service-users', text, await manage('/service-users', { name: text, areas: ['*'] }));
    if (service?.id) await manage(`/service-users/${service.id}/service-token`, { expires: '2099-01-01T00:00:00Z' });
    const someone = note('users', text, await manage(list, { login: `hostile-${i}`, name: text, password: 'long-enough-for-all-rules-7' }));
    if (someone?.id) await manage(`${list}/${someone.id}/access-tokens`, { description: text });
    note('users', text, await manage(list, { login: text, name: text, password: 'long-enough-for-all-rules-7' }));
    // In the audit: a login that nobody has, and a browser that calls itself so.
    await send(address('/sign-in', stand), {
      method: 'POST', body: new URLSearchParams({ login: text, password: 'wrong' }).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'User-Agent': text.replace(/[^\x20-\x7e]/g, '') },
    });
  }
  const { service_token: serviceToken } = fixture().test.accounts[account].hubex;
  const token = (await call(`${base(stand)}/fsm/AUTHZ/AccessTokens`, { body: { serviceToken } })).json.access_token;
  for (const text of texts) {
    note('tasks', text, await call(`${base(stand)}/fsm/WORK/Tasks`, { token, body: { title: text, description: text, address: text } }));
  }
});

// What the page would be if a text had become part of it.
function alive() {
  return [...document.querySelectorAll('[onerror], [onload], [onclick], img[src="x"], a[href^="javascript:" i], iframe, object, embed, main svg[onload], main script')]
    .map((e) => e.outerHTML.slice(0, 120));
}

// Which screen shows the names of what, one after the other or one at a time.
const screens = (kind) => ({
  list: `/${kind}`,
  one: [`/${kind}/{id}`, ...{
    roles: ['/delete'], areas: ['/delete'], tasks: [],
    applications: ['/edit', '/delete', '/disable', '/secret', '/consents'], 'service-users': ['/edit', '/delete', '/disable', '/token'],
    users: ['/edit', '/delete', '/disable', '/password', '/keys-off', '/secrets/{secret}/revoke'],
  }[kind].map((end) => (end === '/consents' ? '/applications/{application}/consents' : `/${kind}/{id}${end}`))],
});

test('every page shows them, and none of them lives', browseAs({ as: 'administrator', stand, account }, async ({ page, url, watch }) => {
  const faults = [];
  const shown = new Map(); // by screen
  const seeds = [];
  for (const [list, name] of [['/applications', texts[0]], ['/service-users', texts[0]], ['/users', 'hostile-0']]) {
    await page.goto(url(list));
    seeds.push(new URL(await page.locator('main tbody tr', { hasText: name }).locator('th a').first().getAttribute('href'), page.url()).href);
  }
  await crawl(page, url('/'), async (p, u, k) => {
    faults.push(...(await page.evaluate(alive)).map((f) => `${k}: ${f}`));
    // What stands in a field is shown, too.
    const read = await page.evaluate(() => document.querySelector('main').innerText + [...document.querySelectorAll('main input, main textarea')].map((e) => `\n${e.value}`).join(''));
    const here = screenOf(u);
    if (!shown.has(here)) shown.set(here, new Set());
    for (const text of texts) if (read.includes(text)) shown.get(here).add(text);
    await page.setViewportSize({ width: narrow, height: 740 });
    await fits(page, k).catch((err) => faults.push(err.message));
    await page.setViewportSize({ width: wide, height: 800 });
    await fits(page, k).catch((err) => faults.push(err.message));
    faults.push(...watch.complaints.splice(0).map((c) => `${k}: ${c}`));
  }, { below: (u) => u.pathname.startsWith('/test/'), each: 3, seeds });
  for (const [kind, names] of Object.entries(taken)) {
    if (names.size < texts.length - 3) faults.push(`${kind}: only ${names.size} of ${texts.length} were taken`);
    const { list, one } = screens(kind);
    for (const name of names) if (!shown.get(list)?.has(name)) faults.push(`${list} does not show ${name}`);
    for (const screen of one) if (!shown.get(screen)?.size) faults.push(`${screen} shows none of them`);
  }
  assert.equal(faults.length, 0, faults.join('\n'));
}));
