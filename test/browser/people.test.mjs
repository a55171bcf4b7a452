// Pages about people that a visitor comes to by a search.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { person } from './lib/arrangement.mjs';
import { browseAs } from './lib/console.mjs';
import { inspect } from './lib/inspect.mjs';

test("somebody's access key, found by his login, and what ends with it", browseAs({ as: 'administrator', language: 'ru' }, async ({ page, url }) => {
  await page.goto(url('/users'));
  await page.fill('[name=q]', person('developer').login.toUpperCase());
  await page.press('[name=q]', 'Enter');
  await page.waitForURL(/[?&]q=/);
  await page.click('tbody th a');
  await page.click('a[href$="/revoke"]');
  assert.match(await page.innerText('h1'), /Удалить ключ доступа/);
  await inspect(page);
}));
