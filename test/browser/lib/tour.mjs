// A tour of the console as somebody sees it: no complaint, no fault that axe-core
// calls serious, nothing wider than the screen.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { narrow, visitor, wide } from './browser.mjs';
import { browseAs } from './console.mjs';
import { crawl, screenOf } from './crawl.mjs';
import { accessible, fits, looks, wellMade } from './inspect.mjs';

const other = { light: 'dark', dark: 'light', ru: 'en', en: 'ru' };
const inside = (u) => /^(\/test)?\/in\/\d+\//.test(u.pathname);

/** Wide in one theme, narrow in the other. */
async function look(page, where, theme, { rules, deep }) {
  await wellMade(page, where);
  await fits(page, where);
  if (deep) await accessible(page, `${where}, ${theme}`, rules);
  await page.setViewportSize({ width: narrow, height: 740 });
  await fits(page, `${where} at ${narrow}`);
  if (deep) {
    await page.emulateMedia({ colorScheme: other[theme] });
    await accessible(page, `${where} at ${narrow}, ${other[theme]}`, looks);
    await page.emulateMedia({ colorScheme: theme });
  }
  await page.setViewportSize({ width: wide, height: 800 });
}

/** The same page in the other language, the themes the other way round. */
async function lookAgain({ page, watch }, where, href, { language, first }) {
  await page.goto(href);
  assert.equal(await page.getAttribute('html', 'lang'), other[language], `${where}: not in ${other[language]}`);
  await look(page, `${where} in ${other[language]}`, other[first], { deep: true, rules: looks });
  watch.clean();
}

/**
 * Makes a test of one tour, and gives the sets of screens that it will have seen:
 * of the own account, and as copies of another one's.
 *   deep: axe-core, too; both: each page in the other language, as well;
 *   within: also as the owner sees the screens of another account;
 *   seeds: addresses to begin at, for screens that few have something to show on
 */
export function tour(round) {
  const { as, stand, language, first, deep = false, both = false, within = false, seeds = () => [] } = round;
  const [seen, copies] = [new Set(), new Set()];
  const met = new Set();
  test(`${as} on ${stand}, in ${language}`, browseAs({ as, stand, language, theme: first, fresh: deep }, async ({ page, url, watch, context }) => {
    const faults = [];
    const twin = both && await visitor({ language: other[language], theme: other[first], state: await context.storageState() });
    let away; // the first other account that a link leads to
    const mine = (u) => {
      if ((u.pathname.startsWith('/test/') || u.pathname === '/test') !== (stand === 'test')) return false;
      if (!inside(u)) return true;
      away ??= u.pathname.split('/', 3).join('/');
      return within && u.pathname.startsWith(`${away}/`);
    };
    const { files } = await crawl(page, url('/'), async (p, u, k, answer) => {
      const where = `${k} (${u.href})`;
      const copy = inside(u);
      if (answer.status() !== 200) faults.push(`${where}: ${answer.status()}`);
      if (await page.getAttribute('html', 'lang') !== language) faults.push(`${where}: not in ${language}`);
      if (copy && await page.locator('main .away').count() !== 1) faults.push(`${where}: does not say whose account it is`);
      const whole = deep && !copy && !met.has(k);
      await look(p, where, first, { deep: whole }).catch((err) => faults.push(err.message));
      if (whole && twin) await lookAgain(twin, where, u.href, round).catch((err) => faults.push(err.message));
      met.add(k);
      faults.push(...watch.complaints.splice(0).map((c) => `${where}: ${c}`));
      (copy ? copies : seen).add(screenOf(u));
    }, { below: mine, each: 1, seeds: seeds().map((path) => url(path)) });
    if (twin) await twin.context.close();
    assert.equal(faults.length, 0, `${faults.length} faults:\n${faults.join('\n')}`);
    assert.ok(seen.size > 10, [...seen].join(' '));
    for (const href of files.values()) {
      const answer = await context.request.get(href);
      assert.equal(answer.status(), 200, href);
      assert.equal(answer.headers()['x-content-type-options'], 'nosniff', href);
      (inside(new URL(href)) ? copies : seen).add(screenOf(new URL(href)));
    }
  }));
  return { seen, copies };
}
