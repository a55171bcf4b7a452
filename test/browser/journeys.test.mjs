// What people come to the console for: a secret is made, shown this once, opens the
// API, and once it is taken away opens it no more.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fixture } from './lib/arrangement.mjs';
import { base, call } from './lib/api.mjs';
import { browseAs } from './lib/console.mjs';
import { inspect } from './lib/inspect.mjs';

const account = 1;
const as = 'administrator';

/** Presses the one button of the page's form that is not the way back. */
async function press(page, status = 200) {
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.request().isNavigationRequest() && r.request().method() === 'POST'),
    page.click('main form[method=post] button:not(.plain)'),
  ]);
  await page.waitForLoadState();
  assert.ok(answer.status() === status || answer.status() === 303, `${answer.status()} ${answer.url()}: ${await page.innerText('main')}`);
}

/** The secrets that the page shows, from top to bottom. */
const shown = (page) => page.$$eval('[data-secret] [data-text]', (all) => all.map((e) => e.textContent));

/** What the buttons beside a secret do, and that nothing brings it back. */
async function shownOnce(page, context, secret) {
  await inspect(page);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('[data-copy]').last().click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-save]').last().click()]);
  assert.match(file.suggestedFilename(), /\.txt$/);
  assert.equal(readFileSync(await file.path(), 'utf8'), `${secret}\n`);
  await page.reload();
  assert.ok(!(await page.content()).includes(secret), 'a reload shows it again');
  await page.goto(new URL('/', page.url()).href);
  await page.goBack();
  assert.ok(!(await page.content()).includes(secret), 'the back button shows it again');
}

/** Follows the link of the page whose address ends so. */
async function follow(page, end) {
  await Promise.all([page.waitForNavigation(), page.locator(`main a[href$="${end}"], main a[href*="${end}?"]`).first().click()]);
}

const enter = (serviceToken) => call(`${base()}/fsm/AUTHZ/AccessTokens`, { body: { serviceToken } });
const tasks = (token) => call(`${base()}/fsm/WORK/Tasks?fetch=1`, { token });

test('a service token: made, shown once, used, revoked', browseAs({ as, account, language: 'ru' }, async ({ page, context, url }) => {
  await page.goto(url('/service-users'));
  await follow(page, '/service-users/new');
  await page.fill('[name=name]', 'Выгрузка в хранилище');
  for (const box of await page.$$('main input[type=checkbox]')) await box.check();
  for (const all of await page.$$('main input[type=radio][value="all"]')) await all.check();
  await press(page);
  assert.match(await page.innerText('h1'), /Выгрузка в хранилище/);
  const home = page.url();
  await follow(page, '/token');
  await press(page);
  const [secret] = await shown(page);
  const pair = await enter(secret);
  assert.equal(pair.status, 200, pair.text);
  assert.equal((await tasks(pair.json.access_token)).status, 200);
  await shownOnce(page, context, secret);

  await page.goto(home);
  await inspect(page);
  await follow(page, '/revoke');
  assert.match(await page.innerText('main'), /127\.0\.0\.1/, 'it says who stops');
  await inspect(page);
  await press(page);
  assert.equal((await tasks(pair.json.access_token)).status, 401);
  assert.notEqual((await enter(secret)).status, 200);

  await page.goto(home);
  await follow(page, '/delete');
  await press(page);
  assert.ok(!(await page.innerText('main table')).includes('Выгрузка в хранилище'));
}));

const trusted = (id, secret) => call(`${base()}/oauth/token`, { body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }) });
const whoAmI = (token) => call(`${base()}/api/ver1.0/user/`, { token });

test('an application: registered, its secret changed with an overlap, and ended', browseAs({ as, account, language: 'en' }, async ({ page, context, url }) => {
  await page.goto(url('/applications'));
  await follow(page, '/app/register');
  await page.fill('[name=name]', 'Call reports');
  await page.selectOption('[name=type]', 'trusted');
  await press(page);
  const [id, former] = await shown(page);
  const got = await trusted(id, former);
  assert.equal(got.status, 200, got.text);
  assert.equal((await whoAmI(got.json.access_token)).status, 200);
  await shownOnce(page, context, former);

  await page.goto(url('/applications'));
  await page.click('main a:text-is("Call reports")');
  await page.waitForLoadState();
  const home = page.url();
  await inspect(page);
  await follow(page, '/secret');
  await page.selectOption('[name=overlap]', { index: 1 });
  await press(page);
  const secret = (await shown(page)).at(-1);
  assert.notEqual(secret, former);
  for (const one of [secret, former]) assert.equal((await trusted(id, one)).status, 200, 'both live meanwhile');

  await page.goto(home);
  await inspect(page);
  await follow(page, '/delete');
  await press(page);
  assert.notEqual((await trusted(id, secret)).status, 200);
  assert.equal((await whoAmI(got.json.access_token)).status, 401);
}));

const pair = (token) => call(`${base()}/api/v1/auth/integrationapi/create`, { token });
const history = (token) => call(`${base()}/api/v1/request/getcallhistory`, { token, body: { numbers: [], periodStart: '2024-01-01 00:00:00', periodEnd: '2024-01-02 00:00:00', direction: 0, isCallRecord: 1 } });

test('an authorization token: what stops is said before, the former ends at once', browseAs({ as, account, language: 'ru' }, async ({ page, context, url }) => {
  const former = fixture().accounts[account].operator.authorization_token;
  const before = await pair(former);
  assert.equal(before.status, 200, before.text);
  assert.notEqual((await history(before.json.accessToken)).status, 401);
  await page.goto(url('/integration-api'));
  await inspect(page);
  await follow(page, '/token');
  assert.match(await page.innerText('main'), /127\.0\.0\.1/, 'it says who stops');
  await inspect(page);
  await press(page);
  const secret = (await shown(page)).at(-1);
  assert.equal((await history(before.json.accessToken)).status, 401);
  assert.notEqual((await pair(former)).status, 200);
  const after = await pair(secret);
  assert.equal(after.status, 200, after.text);
  await shownOnce(page, context, secret);

  await page.goto(url('/integration-api'));
  await follow(page, '/revoke');
  await press(page);
  assert.equal((await history(after.json.accessToken)).status, 401);
  assert.notEqual((await pair(secret)).status, 200);
  await page.goto(url('/integration-api'));
  await inspect(page);
}));
