// The first screen and the audit: what is done is counted, listed, filtered,
// followed and taken away as a file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixture } from './lib/arrangement.mjs';
import { base, call } from './lib/api.mjs';
import { browseAs } from './lib/console.mjs';
import { inspect } from './lib/inspect.mjs';

const account = 1;
const as = 'administrator';

const enter = (serviceToken) => call(`${base()}/fsm/AUTHZ/AccessTokens`, { body: { serviceToken } });
const first = (page) => page.locator('#log tbody tr th a').first().getAttribute('href');

test('new entries come by themselves, and nothing else', browseAs({ as, account, language: 'ru' }, async ({ page, url }) => {
  const { service_token: token } = fixture().accounts[account].hubex;
  assert.equal((await enter(token)).status, 200);
  await page.goto(url('/audit?verb=token.issue&dialect=hubex'));
  await page.locator('main a[href*="live=1"]').click();
  await page.waitForURL(/live=1/);
  assert.match(page.url(), /dialect=hubex/);
  const before = await first(page);
  assert.equal((await enter(token)).status, 200);
  await page.waitForFunction((was) => document.querySelector('#log tbody tr th a').getAttribute('href') !== was, before, { timeout: 20_000 });
  assert.equal(await page.locator('#log').count(), 1);
  await inspect(page);
}));

test('filters stay in the address, pages join, an entry tells all', browseAs({ as, account, language: 'en' }, async ({ page, url }) => {
  assert.equal((await enter(fixture().accounts[account].hubex.service_token)).status, 200);
  await page.goto(url('/audit'));
  await page.selectOption('[name=verb]', 'token.issue');
  await page.selectOption('[name=dialect]', 'hubex');
  await page.locator('form[method=get] button').click();
  await page.waitForURL(/verb=token\.issue/);
  assert.equal(await page.inputValue('[name=verb]'), 'token.issue');
  assert.deepEqual([...new Set(await page.locator('#log tbody td:nth-child(2) > span:first-child').allInnerTexts())], ['Token issued']);
  await page.locator('#log tbody th a').first().click();
  await page.waitForURL(/\/audit\/entries\//);
  await inspect(page);
  await page.locator('a[href*="credential="]').click();
  await page.waitForURL(/credential=\d+/);
  assert.ok(await page.locator('#log tbody tr').count() > 0);
  await page.goto(url('/audit'));
  const top = await first(page);
  await page.locator('a[rel=next]').click();
  await page.waitForURL(/after=/);
  assert.notEqual(await first(page), top);
  await page.goto(url('/audit?verb=never'));
  assert.equal(await page.locator('.empty').count(), 1);
  await inspect(page);
}));

test('a file for a spreadsheet and one for a program', browseAs({ as, account, language: 'en' }, async ({ page, url }) => {
  await page.goto(url('/audit?outcome=done'));
  for (const [format, begin] of [['csv', /^time,verb,object,outcome/], ['ndjson', /^\{"time":"/]]) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator(`a[href*="format=${format}"]`).click()]);
    assert.match(file.suggestedFilename(), new RegExp(`^audit-.*\\.${format}$`));
    const text = readFileSync(await file.path(), 'utf8');
    assert.match(text, begin);
    assert.ok(text.split('\n').length > 60, 'one page only');
    assert.ok(!text.includes('refused'));
  }
}));

for (const language of ['en', 'ru']) {
  test(`what belongs to no account is the owner's to find, ${language}`, browseAs({ as: 'owner', language }, async ({ page, url }) => {
    const lost = `lost-${language}`;
    const { status } = await call(`${base()}/fsm/WORK/Tasks?fetch=1`, { token: 'no-token-at-all', headers: { 'X-Request-ID': lost } });
    assert.equal(status, 401);
    const rows = page.locator('#log tbody tr');
    for (let i = 0; i < 20 && await rows.count() === 0; i++) await page.goto(url(`/audit?request=${lost}`));
    assert.equal(await rows.count(), 1);
    await page.selectOption('[name=account]', 'own');
    await page.locator('form[method=get] button').click();
    await page.locator('.empty').waitFor();
    await page.selectOption('[name=account]', 'none');
    await page.locator('form[method=get] button').click();
    await page.waitForURL(/account=none/);
    await inspect(page);
    await rows.locator('th a').first().click();
    await page.waitForURL(/\/audit\/entries\//);
    assert.match(await page.locator('main').innerText(), /127\.0\.0\.1/);
    await inspect(page);
  }));
}

test('the first screen counts', browseAs({ as, account, language: 'ru' }, async ({ page, url }) => {
  const got = await enter(fixture().accounts[account].hubex.service_token);
  for (let i = 0; i < 3; i++) await call(`${base()}/fsm/WORK/Tasks?fetch=1`, { token: got.json.access_token });
  await page.goto(url('/'));
  for (let i = 0; i < 30 && await page.locator('svg.plot rect').count() === 0; i++) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  assert.ok(await page.locator('svg.plot rect').count() > 0, 'no bar');
  await page.locator('details.more summary').first().click();
  assert.ok(await page.locator('details[open] tbody tr').count() > 0);
  for (const span of ['7d', '30d']) {
    await page.locator(`a[href$="span=${span}"]`).click();
    await page.waitForURL(new RegExp(`span=${span}`));
    await inspect(page);
  }
}));
