// The explorer: every API's way in, its methods run from the page, tokens that
// renew themselves, and pages that are well made.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture } from './lib/arrangement.mjs';
import { browse, narrow } from './lib/browser.mjs';
import { enter, method, open, run, section } from './lib/explorer.mjs';
import { inspect } from './lib/inspect.mjs';

const account = (stand = 'test') => (stand === 'test' ? fixture().test.accounts : fixture().accounts)[0];
const base = (stand = 'test') => (stand === 'test' ? fixture().test_base_url : fixture().base_url);
const client = ({ oauth: { client_id, client_secret } }) => ({ client_id, client_secret });
const pair = ({ application_id, application_secret }) => ({ client_id: application_id, client_secret: application_secret });

// As the documentation of the IP-telephony API tells its readers to do it.
for (const language of ['en', 'ru']) {
  test(`the documented way to a first call, ${language}`, browse({ language }, async ({ page }) => {
    await page.goto(`${base()}/api/ver1.0/client_api_explorer/`);
    const auth = page.getByRole('region', { name: 'authentication' });
    const { client_id, client_secret } = pair(account().ringme.trusted);
    await auth.getByRole('textbox', { name: 'client_id' }).fill(client_id);
    await auth.getByLabel('client_secret', { exact: true }).fill(client_secret);
    await auth.getByRole('button', { name: 'Try it out!' }).click();
    await auth.locator('.outcome .good').waitFor();
    const { access_token: token } = JSON.parse(await auth.locator('.answer [data-text]').textContent());
    assert.match(token, /^[0-9A-Za-z]{30}$/);
    await page.getByLabel('Access Token Field', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Set Token' }).click();
    const { status, text } = await run(page, 'getUser');
    assert.equal(status, '200 OK');
    assert.equal(JSON.parse(text).client_id, account().client_id);
    await inspect(page);
  }));
}

const ways = {
  hubex: { have: (a) => ({ serviceToken: a.hubex.service_token }), call: 'getWORKTasks', holds: '"total"' },
  smarts: { have: (a) => a.smarts.external, call: 'getWarehouses', holds: '"@odata.context"' },
  element: { have: (a) => ({ client_id: a.element.client_id, client_secret: a.element.client_secret }), call: 'getMe', holds: '"permissions"' },
  operator: { have: (a) => ({ authorization_token: a.operator.authorization_token }), call: 'postRequestGetcallhistory', holds: '"rowset"' },
  ringme: { have: (a) => pair(a.ringme.trusted), call: 'getClientExtension', holds: '"extension_group_id"' },
  oauth: { have: (a) => client(a), call: 'getWellKnownJwksJson', holds: '"keys"' },
};

for (const [dialect, { have, call, holds }] of Object.entries(ways)) {
  test(`${dialect}: its own way in, and a method as it is filled in`, browse({ language: 'en' }, async ({ page }) => {
    await page.goto(`${base()}/explorer/${dialect}`);
    await enter(page, have(account()));
    const { status, text } = await run(page, call);
    assert.equal(status, '200 OK');
    assert.ok(text.includes(holds), text.slice(0, 300));
    JSON.parse(text);
  }));

  test(`${dialect}: the page is well made`, browse({ language: 'ru', allow: [base(), base('production')] }, async ({ page }) => {
    const unfold = () => page.locator('details.method').evaluateAll((all) => { for (const e of all) e.open = true; });
    await page.goto(`${base('production')}/explorer/${dialect}`);
    await unfold();
    await inspect(page);
    await page.goto(`${base()}/explorer/${dialect}?lang=en`); // the other stand has more fields
    await unfold();
    await inspect(page, { themes: ['dark'], widths: [narrow] });
  }));
}

test('a user signs in through an application, and a recording is played', browse({ language: 'en' }, async ({ page }) => {
  await page.goto(`${base()}/explorer/ringme`);
  await page.getByRole('button', { name: 'User through an application' }).click();
  const { login, password } = account().ringme.user;
  await enter(page, { username: login, password, ...pair(account().ringme.password) });
  const { text } = await run(page, 'getClientRecord');
  const [{ record_uuid: record }] = JSON.parse(text);
  const { status } = await run(page, 'getClientRecordByRecord', { record });
  assert.equal(status, '200 OK');
  const player = method(page, 'getClientRecordByRecord').locator('audio');
  assert.match(await player.getAttribute('src'), /^blob:/);
  await page.waitForFunction(() => document.querySelector('audio').duration > 0.1 || document.querySelector('audio').error);
  assert.match(await method(page, 'getClientRecordByRecord').getByRole('link').getAttribute('download'), /\.mp3$/);
}));

test('operator: /docs is the same page', browse({ language: 'ru' }, async ({ page }) => {
  await page.goto(`${base('production')}/docs`);
  await page.locator('#postRequestGetcallhistory').waitFor();
  await inspect(page);
}));

test('the client of the RFCs asks about a token', browse({ language: 'en' }, async ({ page }) => {
  await page.goto(`${base()}/explorer/oauth`);
  await enter(page, client(account()));
  const token = await page.locator('#token').inputValue();
  const { text } = await run(page, 'postOauthIntrospect', { token });
  assert.equal(JSON.parse(text).active, true);
}));

for (const [name, { dialect, have }] of Object.entries({
  'by the refresh token': { dialect: 'smarts', have: (a) => a.smarts.external },
  'by the next pair': { dialect: 'operator', have: (a) => ({ authorization_token: a.operator.authorization_token }) },
  'by the way in again': { dialect: 'ringme', have: (a) => pair(a.ringme.trusted) },
})) {
  test(`a token of five seconds is renewed by itself, ${name}`, browse({ language: 'en' }, async ({ page }) => {
    await page.goto(`${base()}/explorer/${dialect}`);
    await page.locator('[data-lifetime]').fill('5');
    await enter(page, have(account()));
    const first = await page.locator('#token').inputValue();
    await page.getByText(/^Token renewed at \d\d:\d\d:\d\d$/).waitFor();
    const second = await page.locator('#token').inputValue();
    assert.ok(second && second !== first);
    assert.equal((await run(page, ways[dialect].call)).status, '200 OK');
  }));
}

test('a token that was refused is renewed, and the request sent again', browse({ language: 'en' }, async ({ page, watch }) => {
  await page.goto(`${base()}/explorer/element`);
  await enter(page, ways.element.have(account()));
  const token = await page.locator('#token').inputValue();
  const call = await fetch(`${base()}/console/api/v2/test/expire`, {
    method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }),
  });
  assert.equal(call.status, 204);
  watch.expect(401);
  assert.equal((await run(page, 'getMe')).status, '200 OK');
  assert.match(await method(page, 'getMe').locator('[data-note]').textContent(), /sent again/);
  await page.getByText(/^Token renewed at /).waitFor();
  assert.notEqual(await page.locator('#token').inputValue(), token);
}));

test('a token that was typed is nobody else\'s: it is not renewed', browse({ language: 'en' }, async ({ page, watch }) => {
  await page.goto(`${base()}/explorer/hubex`);
  await enter(page, ways.hubex.have(account()));
  await page.locator('#token').fill('another');
  await page.getByRole('button', { name: 'Set Token' }).click();
  await page.getByText('cannot be renewed').waitFor();
  watch.expect(401);
  assert.match((await run(page, 'getWORKTasks')).status, /^401/);
}));

test('secrets are in the memory of the tab and nowhere else', browse({ language: 'en' }, async ({ page, context }) => {
  await page.goto(`${base()}/explorer/ringme`);
  await enter(page, pair(account().ringme.trusted));
  await run(page, 'getUser');
  const kept = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  assert.equal(await kept(), JSON.stringify([{}, {}, '', page.url()]));
  assert.deepEqual(await context.cookies(), []);
  assert.ok(!page.url().includes(account().ringme.trusted.application_id));
  const databases = await page.evaluate(async () => [(await indexedDB.databases()).length, (await caches.keys()).length]).catch(() => [0, 0]);
  assert.deepEqual(databases, [0, 0]);
  await page.reload();
  assert.equal(await page.locator('#token').inputValue(), '');
  for (const input of await page.locator('[data-input]').all()) assert.equal(await input.inputValue(), '');
  await page.goto(`${base()}/explorer`);
  await page.goBack();
  assert.equal(await page.locator('#token').inputValue(), '');
}));

test('a request is shown in five languages, the token left out or filled in', browse({ language: 'en' }, async ({ page }) => {
  await page.goto(`${base()}/explorer/ringme`);
  await enter(page, pair(account().ringme.trusted));
  const token = await page.locator('#token').inputValue();
  await open(page, 'getUser');
  const program = method(page, 'getUser').locator('.program');
  await program.locator('summary').click();
  const text = () => program.locator('[data-snippet]').textContent();
  for (const [name, holds] of Object.entries({ cURL: /^export access_token=/, Python: /import requests/, Go: /package main/, '1C': /HTTPСоединение/, PHP: /^<\?php/ })) {
    await program.getByRole('button', { name, exact: true }).click();
    assert.match(await text(), holds);
    assert.ok(!(await text()).includes(token));
    await program.locator('[data-fill]').check();
    await page.waitForFunction(([t]) => document.querySelector('#getUser [data-snippet]').textContent.includes(t), [token]);
    await program.locator('[data-fill]').uncheck();
  }
}));

test('what a client types and a server says is text', browse({ language: 'en' }, async ({ page, watch }) => {
  const hostile = '"><img src=x onerror=alert(1)><script>alert(2)';
  await page.goto(`${base()}/explorer/ringme`);
  await enter(page, pair(account().ringme.trusted));
  await open(page, 'getClientExtension');
  await method(page, 'getClientExtension').locator('.program summary').click();
  watch.expect(404);
  assert.match((await run(page, 'getClientExtension', { client: hostile })).status, /^404/);
  assert.equal(await page.locator('main img, main script').count(), 0);
  await method(page, 'getClientExtension').locator('[data-name="client"]').fill('..');
  await method(page, 'getClientExtension').getByRole('button', { name: 'Try it out!' }).click();
  await page.getByText('A path cannot hold').first().waitFor();
}));

test('the keyboard alone is enough', browse({ language: 'en' }, async ({ page }) => {
  await page.goto(`${base()}/explorer/smarts`);
  const { username, password } = account().smarts.external;
  await page.locator('#have-username').focus();
  await page.keyboard.type(username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await section(page).locator('.outcome .good').waitFor();
  await page.locator('#getBaseInfo > summary').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('#getBaseInfo .outcome .good').waitFor();
}));

test('the index leads to every API, in the language that was chosen', browse({ language: 'ru' }, async ({ page }) => {
  await page.goto(`${base()}/explorer/`);
  await inspect(page);
  assert.equal(await page.locator('.dialects li').count(), 6);
  await page.getByRole('link', { name: 'EN', exact: true }).click();
  await page.getByRole('link', { name: 'HubEx FSM API' }).click();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.locator('#filter').fill('conversation');
  await page.waitForFunction(() => [...document.querySelectorAll('.side li a[data-find]')].filter((a) => a.checkVisibility()).length === 2);
  await page.getByRole('button', { name: 'Light or dark' }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
}));
