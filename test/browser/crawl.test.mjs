// Every screen of the console, on both stands, for everybody who may sign in: no
// complaint, no fault that axe-core calls serious, nothing wider than the screen,
// in both languages and both themes.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { screens } from './lib/arrangement.mjs';
import { knockEverywhere } from './lib/api.mjs';
import { narrow, wide } from './lib/browser.mjs';
import { browseAs } from './lib/console.mjs';
import { crawl, kind } from './lib/crawl.mjs';
import { accessible, fits, looks, wellMade } from './lib/inspect.mjs';

// Between them, these see every screen in each language, theme and width.
const rounds = [
  { as: 'owner', stand: 'production', language: 'ru', first: 'light', deep: true },
  { as: 'administrator', stand: 'test', language: 'en', first: 'dark', deep: true },
  { as: 'developer', stand: 'production', language: 'en', first: 'light' },
  { as: 'developer', stand: 'test', language: 'ru', first: 'dark' },
  { as: 'administrator', stand: 'production', language: 'ru', first: 'dark' },
];

before(async () => {
  await knockEverywhere();
  await knockEverywhere({ stand: 'test' });
});

const other = { light: 'dark', dark: 'light' };
const visited = new Map();

async function look(page, where, first, deep) {
  await wellMade(page, where);
  await fits(page, where);
  if (deep) await accessible(page, `${where}, ${first}`);
  await page.setViewportSize({ width: narrow, height: 740 });
  await fits(page, `${where} at ${narrow}`);
  if (deep) {
    await page.emulateMedia({ colorScheme: other[first] });
    await accessible(page, `${where} at ${narrow}, ${other[first]}`, looks);
    await page.emulateMedia({ colorScheme: first });
  }
  await page.setViewportSize({ width: wide, height: 800 });
}

for (const round of rounds) {
  const { as, stand, language, first, deep = false } = round;
  const met = new Set();
  test(`${as} on ${stand}, in ${language}`, browseAs({ as, stand, language, theme: first }, async ({ page, url, watch, context }) => {
    const faults = [];
    // Another account's screens are these once more: the first of them is enough.
    const again = (u) => /^(\/test)?\/in\/\d+\/./.test(u.pathname);
    const mine = (u) => (u.pathname.startsWith('/test/') || u.pathname === '/test') === (stand === 'test') && !again(u);
    const { seen, files } = await crawl(page, url('/'), async (p, u, k, answer) => {
      const where = `${k} (${u.href})`;
      if (answer.status() !== 200) faults.push(`${where}: ${answer.status()}`);
      if (await page.getAttribute('html', 'lang') !== language) faults.push(`${where}: not in ${language}`);
      await look(p, where, first, deep && !met.has(k)).catch((err) => faults.push(err.message));
      met.add(k);
      faults.push(...watch.complaints.splice(0).map((c) => `${where}: ${c}`));
      visited.set(k.split('?')[0].replace(/^\/test(?=\/|$)/, '') || '/', true);
    }, { below: mine, each: 1 });
    assert.equal(faults.length, 0, `${faults.length} faults:\n${faults.join('\n')}`);
    assert.ok(seen.size > 0);
    for (const [k, href] of files) {
      const answer = await context.request.get(href);
      assert.equal(answer.status(), 200, href);
      assert.equal(answer.headers()['x-content-type-options'], 'nosniff', href);
      visited.set(k.split('?')[0].replace(/^\/test(?=\/|$)/, ''), true);
    }
  }));
}

// What no plain link leads to: other tests open it.
const unlinked = [/^\/sign-in/, /^\/setup$/, /^\/prove$/, /^\/authorize/, /^\/audit\//, /^\/tokens\/revoke/];

// A screen that no link leads to is one that nobody finds.
test('every screen was seen', () => {
  const unseen = screens().filter((s) => !s.includes('{') && !unlinked.some((u) => u.test(s))).filter((s) => !visited.has(kind(new URL(s.replace(/\{[^}]+\}/g, '1'), 'http://x'))));
  assert.deepEqual(unseen, []);
});
