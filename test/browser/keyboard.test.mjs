// With the keyboard alone, by Tab, Enter, Space and arrows: a secret is made and
// ended, and whoever types sees at every step where he is.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture } from './lib/arrangement.mjs';
import { narrow } from './lib/browser.mjs';
import { browseAs } from './lib/console.mjs';
import { hubex } from './lib/doors.mjs';
import { row, shown } from './lib/steps.mjs';

const whoever = { as: 'administrator', account: 1, language: 'ru' };

// In the page: what has the focus, and whether it shows.
function focused() {
  const e = document.activeElement;
  const s = getComputedStyle(e);
  const r = e.getBoundingClientRect();
  const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
  return {
    what: `<${e.tagName.toLowerCase()} ${e.id || e.getAttribute('name') || e.getAttribute('href') || ''}> ${e.textContent.trim().slice(0, 30)}`,
    ring: ring || e === document.body,
    there: e === document.body || (r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth),
  };
}

/** Presses Tab until what is looked for, which must be there, has the focus; each stop on the way is seen. */
async function reach(page, what, key = 'Tab') {
  assert.notEqual(await what.count(), 0, `${page.url()}: there is no ${what}`);
  for (let i = 0; i < 150; i++) {
    if (await what.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press(key);
    const at = await page.evaluate(focused);
    assert.ok(at.ring, `${page.url()}: nobody sees that the focus is on ${at.what}`);
    assert.ok(at.there, `${page.url()}: ${at.what} has the focus outside of the window`);
  }
  assert.fail(`${page.url()}: ${what} is not reached with ${key}`);
}

/** Goes to a link or button and presses it, with the page that follows. */
async function enter(page, what) {
  await reach(page, what);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

const link = (page, name) => page.getByRole('main').getByRole('link', { name, exact: true }).first();
const button = (page, name) => page.getByRole('main').getByRole('button', { name, exact: true }).first();

for (const width of [1280, narrow]) {
  test(`a service token is made and revoked with the keyboard alone, at ${width}`, browseAs({ ...whoever, width }, async ({ page, url }) => {
    const name = `Клавиатура ${width}`;
    await page.goto(url('/'));
    if (width === narrow) {
      await reach(page, page.locator('.burger summary'));
      await page.keyboard.press('Enter');
      await enter(page, page.locator('.drawer a[href$="/service-users"]'));
    } else {
      await enter(page, page.locator('nav.side a[href$="/service-users"]'));
    }
    await reach(page, page.locator('a.skip'));
    await page.keyboard.press('Enter');
    await enter(page, link(page, 'Пользователь API'));
    await reach(page, page.locator('[name=name]'));
    await page.keyboard.type(name);
    await reach(page, page.getByRole('checkbox', { name: /^Administrator|Администратор/ }).first());
    await page.keyboard.press('Space');
    await reach(page, page.locator('[name="all-areas"]'));
    await page.keyboard.press('Space');
    await enter(page, button(page, 'Создать'));
    await enter(page, link(page, 'Сгенерировать'));
    await reach(page, page.locator('[name=description]'));
    await page.keyboard.type('Tab, Enter');
    await enter(page, button(page, 'Сгенерировать'));
    const [secret] = await shown(page);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await reach(page, page.locator('[data-copy]').first());
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('[data-copy] span').textContent === 'Скопировано');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    const pair = await hubex.enter(secret);
    assert.equal((await hubex.tasks(pair.json.access_token)).status, 200);

    await enter(page, link(page, 'Сохранено, продолжить'));
    await enter(page, link(page, 'Отозвать'));
    await enter(page, button(page, 'Отозвать'));
    assert.equal((await hubex.tasks(pair.json.access_token)).status, 401);
    await enter(page, link(page, 'Удалить'));
    await enter(page, button(page, 'Удалить'));
    assert.equal(await row(page, name).count(), 0);
  }));
}

test('the way past the menu leads to the page, on every kind of page', browseAs(whoever, async ({ page, url }) => {
  for (const path of ['/', '/users', '/settings', '/audit', '/import/tasks']) {
    await page.goto(url(path));
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main', path);
    assert.ok((await page.evaluate(focused)).there, `${path}: it is not seen`);
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main', path);
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.closest('main') !== null), `${path}: the next stop is in the page`);
  }
}));

test('a list that renews itself leaves the focus where it was', browseAs(whoever, async ({ page, url }) => {
  await page.goto(url('/audit?live=1'));
  const entry = page.locator('#log tbody th a').first();
  await reach(page, entry);
  const at = await entry.getAttribute('href');
  const first = () => page.locator('#log tbody th a').first().getAttribute('href');
  assert.equal((await hubex.enter(fixture().accounts[1].hubex.service_token)).status, 200);
  for (let i = 0; i < 60 && await first() === at; i++) await page.waitForTimeout(250);
  assert.notEqual(await first(), at, 'the list does not renew itself');
  const now = await page.evaluate(() => document.activeElement.getAttribute('href') ?? document.activeElement.tagName);
  assert.notEqual(now, 'BODY', 'the focus is lost when the list renews itself');
}));

test('a choice in a filter keeps the focus on it, though the page comes anew', browseAs(whoever, async ({ page, url }) => {
  await page.goto(url('/tasks'));
  const state = page.locator('form.filters [name=state]');
  await reach(page, state);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('ArrowDown')]);
  assert.match(page.url(), /state=./);
  const name = await page.evaluate(() => document.activeElement.getAttribute('name'));
  assert.equal(name, 'state', 'who chooses with arrows would have to come here again by Tab');
}));
