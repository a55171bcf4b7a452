// Live tokens: who can call the API now, and how that ends: one token, those that
// were ticked, all of a holder. On the test stand also: at once by the clock.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { manager, role } from './lib/api.mjs';
import { browseAs } from './lib/console.mjs';
import { hubex } from './lib/doors.mjs';
import { inspect } from './lib/inspect.mjs';
import { follow, languages, menu, press, row, text, words } from './lib/steps.mjs';

const account = 1;
const as = 'administrator';

/** A program with a service token of its own, to be found by its name. */
async function program(name, stand) {
  const manage = await manager({ stand, account });
  const made = await manage('/service-users', { name, areas: ['*'], roles: [await role(manage, 'Administrator')] });
  assert.equal(made.status, 201, made.text);
  const token = await manage(`/service-users/${made.json.id}/service-token`, { expires: '2099-01-01T00:00:00Z' });
  assert.equal(token.status, 201, token.text);
  return token.json['service-token'];
}

/** Which of the tokens open work orders. */
const open = (tokens, stand) => Promise.all(tokens.map(async (token) => (await hubex.tasks(token, stand)).status === 200));
const count = (all) => all.filter(Boolean).length;

for (const language of languages) {
  const t = words(language);

  test(`one token, two that are ticked, then all of a holder, in ${language}`, browseAs({ as, account, language }, async ({ page, url }) => {
    const name = `Ten terminals ${language}`;
    const secret = await program(name);
    const tokens = [];
    for (let i = 0; i < 5; i++) tokens.push((await hubex.enter(secret)).json.access_token);
    assert.equal(count(await open(tokens)), 5);

    await page.goto(url('/'));
    await menu(page, t('Действующие токены', 'Live tokens'));
    await page.fill('[name=who]', name);
    await page.press('[name=who]', 'Enter');
    await page.waitForURL(/who=/);
    assert.equal(await row(page, name).count(), 5);
    assert.match(await row(page, name).first().innerText(), /127\.0\.0\.1/);

    await follow(page, t('Отозвать', 'Revoke'), row(page, name).first());
    assert.match(await text(page), t(/1 токен \(владельцев: 1\)/, /1 token \(holders: 1\)/));
    assert.equal(count(await open(tokens)), 5, 'a page that asks changes nothing');
    await inspect(page);
    await press(page, t('Отозвать 1 токен', 'Revoke 1 token'));
    assert.equal(count(await open(tokens)), 4);
    assert.match(page.url(), /who=/, 'it leads back to the list as it was filtered');

    for (const i of [0, 1]) await row(page, name).nth(i).locator('input[type=checkbox]').check();
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: t('Отозвать отмеченные…', 'Revoke the chosen…') }).click()]);
    await press(page, t('Отозвать 2 токена', 'Revoke 2 tokens'));
    assert.equal(count(await open(tokens)), 2);

    await follow(page, t('Все его токены', 'All of this holder’s'), row(page, name).first());
    await inspect(page);
    await follow(page, t('Отозвать все его токены…', 'Revoke all theirs…'));
    assert.match(await text(page), new RegExp(name));
    await inspect(page);
    await press(page, t('Отозвать 2 токена', 'Revoke 2 tokens'));
    assert.deepEqual(await open(tokens), [false, false, false, false, false]);
    assert.equal((await hubex.enter(secret)).status, 200, 'secrets stay');
  }));

  test(`on the test stand, in ${language}: a token that is made to expire, and one with a short life`, browseAs({ as, account, language, stand: 'test' }, async ({ page, url }) => {
    const stand = 'test';
    const name = `Renewing client ${language}`;
    const secret = await program(name, stand);
    const pair = (await hubex.enter(secret, stand)).json;
    assert.equal((await hubex.tasks(pair.access_token, stand)).status, 200);
    await page.goto(url(`/tokens?who=${encodeURIComponent(name)}`));
    assert.match(await text(page), /X-Propusk-Token-Lifetime/);
    await Promise.all([page.waitForEvent('load'), row(page, name).getByRole('button', { name: t('Просрочить', 'Expire now') }).click()]);
    assert.match(await page.innerText('[role=status]'), t(/считается истёкшим/, /counts as expired/));
    await inspect(page);
    assert.equal((await hubex.tasks(pair.access_token, stand)).status, 401);
    const renewed = await hubex.renew(pair.refresh_token, stand);
    assert.equal(renewed.status, 200, renewed.text);
    assert.equal((await hubex.tasks(renewed.json.access_token, stand)).status, 200);

    const short = await hubex.enter(secret, stand, { 'X-Propusk-Token-Lifetime': '2' });
    assert.equal(short.json.expires_in, 2);
    let left = 40;
    while ((await hubex.tasks(short.json.access_token, stand)).status === 200 && left-- > 0) await page.waitForTimeout(100);
    assert.equal((await hubex.tasks(short.json.access_token, stand)).status, 401);
  }));
}

test('production knows neither', browseAs({ as, account, language: 'en' }, async ({ page, url }) => {
  const secret = await program('Real client');
  const pair = await hubex.enter(secret, 'production', { 'X-Propusk-Token-Lifetime': '2' });
  assert.ok(pair.json.expires_in > 3600);
  await page.goto(url('/tokens?who=Real'));
  assert.equal(await row(page, 'Real client').count(), 1);
  assert.equal(await page.getByRole('button', { name: 'Expire now' }).count(), 0);
  assert.doesNotMatch(await text(page), /X-Propusk-Token-Lifetime/);
}));
