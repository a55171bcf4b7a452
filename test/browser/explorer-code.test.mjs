// The explorer: a user lets an application act as him. A window asks him and
// comes back, and the page exchanges the code and renews what it got.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture } from './lib/arrangement.mjs';
import { browse } from './lib/browser.mjs';
import { enter, method, run, section } from './lib/explorer.mjs';
import { inspect } from './lib/inspect.mjs';

const base = (stand = 'test') => (stand === 'test' ? fixture().test_base_url : fixture().base_url);
const account = (stand = 'test', i = 1) => (stand === 'test' ? fixture().test.accounts : fixture().accounts)[i];
const callback = (stand) => `${base(stand)}/explorer/callback`;

/** Calls the management API as the administrator of an account. */
async function manage(stand, { element: { client_id, client_secret } }, method, path, body) {
  const door = await fetch(`${base(stand)}/console/sys/token`, {
    method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials' }),
    headers: { Authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
  });
  const { id_token } = await door.json();
  const answer = await fetch(`${base(stand)}/console/api/v2${path}`, {
    method, headers: { Authorization: `Bearer ${id_token}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

/** Registers an application that wants its users back at the explorer. */
const register = (more) => manage('test', account(), 'POST', '/applications', {
  name: `explorer ${crypto.randomUUID()}`, 'redirect-uris': [callback('test')], ...more,
});

/** Has the demo's application without a secret want its users back at the explorer too. */
async function comeBack(stand) {
  const [a, { redirect_uri: known }] = [account(stand, 0), account(stand, 0).ringme.public];
  const all = await manage(stand, a, 'GET', '/applications');
  const app = all.find((x) => x.type === 'public' && x['redirect-uris'].includes(known));
  await manage(stand, a, 'PATCH', `/applications/${app.id}`, { 'redirect-uris': [known, callback(stand)] });
  return a.ringme;
}

/** Presses the button and answers in the window that opens. */
async function answer(page, { login, password }, word) {
  const opened = page.waitForEvent('popup');
  await section(page).getByRole('button', { name: 'Try it out!' }).click();
  const popup = await opened;
  await popup.waitForURL(/\/sign-in|\/authorize/);
  if (popup.url().includes('/sign-in')) {
    await popup.fill('[name=login]', login);
    await popup.fill('[name=password]', password);
    await popup.press('[name=password]', 'Enter');
    await popup.waitForURL(/\/authorize\?/);
  }
  await popup.getByRole('button', { name: word, exact: true }).click();
  return popup;
}

for (const [language, stand, way, allow] of [['en', 'test', 'User by code', 'Allow'], ['ru', 'production', 'Пользователь по коду', 'Разрешить']]) {
  test(`an application without a secret on ${stand}, ${language}`, browse({ language }, async ({ page, watch }) => {
    watch.allow(base(stand), fixture().console_url);
    const { user, public: app } = await comeBack(stand);
    await page.goto(`${base(stand)}/explorer/ringme`);
    await section(page).getByRole('button', { name: way }).click();
    assert.equal(await section(page).locator('[data-redirect] code').textContent(), callback(stand));
    await inspect(page);
    if (stand === 'test') await page.locator('[data-lifetime]').fill('5');
    await section(page).locator('[data-input="client_id"]').fill(app.application_id);
    await answer(page, user, allow);
    await section(page).locator('.outcome .good').waitFor();
    const me = async () => JSON.parse((await run(page, 'getUser')).text).login;
    assert.equal(await me(), user.login);
    if (stand === 'test') { // by the refresh token: nobody is asked
      const first = await page.locator('#token').inputValue();
      await page.waitForFunction((token) => document.querySelector('#token').value !== token, first);
      assert.equal(await me(), user.login);
    }
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.search]));
    assert.equal(kept, JSON.stringify([{}, {}, '', '']));
  }));
}

test('a client of the RFCs, with a secret', browse({ language: 'en' }, async ({ page, watch }) => {
  watch.allow(base(), fixture().console_url);
  const app = await register({ type: 'oauth' });
  await page.goto(`${base()}/explorer/oauth`);
  await section(page).getByRole('button', { name: 'User by code' }).click();
  await section(page).locator('[data-input="client_id"]').fill(app['application-id']);
  await section(page).locator('[data-input="client_secret"]').fill(app['application-secret']);
  await answer(page, account().console.administrator, 'Allow');
  await section(page).locator('.outcome .good').waitFor();
  const { refresh_token: refresh, token_type: type } = JSON.parse(await section(page).locator('.answer [data-text]').textContent());
  assert.ok(refresh && type === 'Bearer');
}));

test('a user who says no, and one who asks again', browse({ language: 'en' }, async ({ page, watch }) => {
  watch.allow(base(), fixture().console_url);
  const app = await register({ type: 'public', access: 'All' });
  await page.goto(`${base()}/explorer/ringme`);
  await section(page).getByRole('button', { name: 'User by code' }).click();
  await section(page).locator('[data-input="client_id"]').fill(app['application-id']);
  await section(page).locator('[data-input="client_secret"]').fill(app['application-secret']);
  await answer(page, account().ringme.user, 'Deny');
  await page.getByText('There is no code').waitFor();
  assert.equal(await page.locator('#token').inputValue(), '');
  const left = page.waitForEvent('popup');
  await section(page).getByRole('button', { name: 'Try it out!' }).click(); // a window that is left open
  await (await left).waitForURL(/\/authorize\?/);
  await answer(page, account().ringme.user, 'Allow');
  await section(page).locator('.outcome .good').waitFor();
  const { application_id: client_id, application_secret: client_secret } = account().ringme.trusted;
  await section(page).getByRole('button', { name: 'Application', exact: true }).click();
  assert.ok(await section(page).locator('[data-redirect]').isHidden());
  assert.ok(await section(page).locator('.answer').isHidden(), 'the answer of the former way goes with it');
  assert.equal(await section(page).locator('.answer [data-text]').textContent(), '');
  await enter(page, { client_id, client_secret });
  assert.equal((await run(page, 'getUser')).status, '200 OK');
}));

test('the page that users come back to, without scripts', browse({ language: 'en', scripts: false }, async ({ page }) => {
  await page.goto(`${callback()}?code=a-code&state=a-state`);
  assert.match(await page.innerText('main'), /scripts are off: nobody has been told/);
}));

for (const [language, nobody, gone] of [['en', 'Nothing was asked here', 'is gone'], ['ru', 'Здесь ничего не запрашивали', 'закрыта или перезагружена']]) {
  test(`the page that users come back to, ${language}`, browse({ language }, async ({ page }) => {
    await page.goto(callback());
    await page.getByText(nobody).waitFor();
    await inspect(page);
    await page.goto(`${callback()}?code=a-code&state=a-state`);
    await page.getByText(gone).waitFor();
    assert.equal(page.url(), callback()); // the code does not stay in the address
    const twin = await page.context().newPage(); // the same answer in two windows: neither has heard the other
    await page.goto(`${callback()}?code=a-code&state=c`);
    await twin.goto(`${callback()}?code=a-code&state=c`);
    for (const window of [page, twin]) await window.getByText(gone).waitFor();
    await twin.close();
    await page.goto(`${callback()}?error=%3Cimg%20src%3Dx%3E&state=b`);
    await page.getByText(gone).waitFor();
    assert.equal(await method(page, 'main').locator('img').count(), 0);
  }));
}
