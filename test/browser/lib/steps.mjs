// What a person does on a page, by the words that he reads there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inspect } from './inspect.mjs';

/** The languages that the console speaks. */
export const languages = ['ru', 'en'];

/** Gives the words of a language: t('Сгенерировать', 'Generate'). */
export const words = (language) => (ru, en) => (language === 'ru' ? ru : en);

/** The words of the page, without its frame. */
export const text = (page) => page.innerText('main');

/** Follows a line of the menu. */
export async function menu(page, line) {
  await Promise.all([page.waitForEvent('load'), page.locator('nav.side').getByRole('link', { name: line, exact: true }).click()]);
}

/** Follows the link of the page, or of a part of it, that reads so or whose address ends so. */
export async function follow(page, what, part = page.getByRole('main')) {
  const link = what.startsWith('/') ? part.locator(`a[href$="${what}"], a[href*="${what}?"]`) : part.getByRole('link', { name: what, exact: true });
  await Promise.all([page.waitForEvent('load'), link.first().click()]);
}

/** The row of a table that is about somebody or something. */
export const row = (page, name) => page.locator('main tbody tr', { hasText: name });

/** Presses a button of the page, the one that changes something unless it is named, and waits for the answer. */
export async function press(page, name, { status = 200 } = {}) {
  const button = name ? page.getByRole('main').getByRole('button', { name, exact: true }) : page.locator('main form[method=post] button:not(.plain)');
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.request().isNavigationRequest() && r.request().method() === 'POST'),
    button.first().click(),
  ]);
  await page.waitForLoadState();
  const good = status === 200 ? [200, 303] : [status];
  assert.ok(good.includes(answer.status()), `${answer.status()} ${answer.url()}: ${await text(page)}`);
}

/** The secrets that the page shows, from top to bottom. */
export const shown = (page) => page.$$eval('[data-secret] [data-text]', (all) => all.map((e) => e.textContent));

/**
 * The last secret of the page is offered to copy and as a text file, and neither a
 * reload nor the back button nor an answer that a browser kept brings it back.
 */
export async function shownOnce(page, secret) {
  const context = page.context();
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

/** Ticks every role and every area that a form offers. */
export async function everyRight(page) {
  for (const box of await page.$$('main input[name=role], main input[name="all-areas"]')) await box.check();
}
