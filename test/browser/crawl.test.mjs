// Every screen of the console, on both stands, for everybody who may sign in: no
// complaint, no fault that axe-core calls serious, nothing wider than the screen,
// in both languages and both themes.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture, screens } from './lib/arrangement.mjs';
import { base, knockEverywhere, manager } from './lib/api.mjs';
import { narrow, visitor, wide } from './lib/browser.mjs';
import { request } from './lib/consent.mjs';
import { browseAs, user } from './lib/console.mjs';
import { crawl, screenOf } from './lib/crawl.mjs';
import { accessible, fits, looks, wellMade } from './lib/inspect.mjs';

// deep = axe-core, too; both = each page in the other language, as well; within =
// also as the owner sees the screens of another account.
const rounds = [
  { as: 'owner', stand: 'production', language: 'ru', first: 'light', deep: true, both: true, within: true },
  { as: 'administrator', stand: 'test', language: 'en', first: 'dark', deep: true },
  { as: 'administrator', stand: 'production', language: 'en', first: 'dark' },
  { as: 'developer', stand: 'production', language: 'en', first: 'light' },
  { as: 'developer', stand: 'test', language: 'ru', first: 'dark' },
];

before(async () => {
  await knockEverywhere();
  await knockEverywhere({ stand: 'test' });
  // The owner has let an application in, so that there is a consent to look at.
  const owner = await user({ as: 'owner' });
  const app = fixture().accounts[0].ringme.public;
  owner.watch.allow(base(), owner.url('/'));
  await owner.page.goto(request(app).url);
  const form = await owner.page.$eval('main form', (f) => ({ url: f.action, fields: Object.fromEntries(new FormData(f, f.querySelector('button'))) }));
  const answer = await owner.context.request.post(form.url, { form: form.fields, maxRedirects: 0 });
  assert.ok(answer.headers().location.startsWith(`${app.redirect_uri}?code=`), `${answer.status()} ${await answer.text()}`);
  // Screens that few have something to show on: the first of a kind would not do.
  await (await manager())('/roles', { name: 'Courier', permissions: ['TasksList'] });
  for (const [list, name] of [['/users?q=developer', 'Лебедев'], ['/applications', 'Публичное'], ['/roles', 'Courier']]) {
    await owner.page.goto(owner.url(list));
    rich.push(await owner.page.locator('main tbody tr', { hasText: name }).locator('th a').first().getAttribute('href'));
  }
  rich.push(`${rich[1]}/consents`);
  owner.watch.clean();
  await owner.context.close();
});

const rich = [];

const other = { light: 'dark', dark: 'light', ru: 'en', en: 'ru' };
const seenBy = new Map(rounds.map((r) => [`${r.as} on ${r.stand}`, new Set()]));
const copies = new Set();
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

for (const round of rounds) {
  const { as, stand, language, first, deep = false, both = false, within = false } = round;
  const met = new Set();
  test(`${as} on ${stand}, in ${language}`, browseAs({ as, stand, language, theme: first, fresh: deep }, async ({ page, url, watch, context }) => {
    const faults = [];
    const twin = both && await visitor({ language: other[language], theme: other[first], state: await context.storageState() });
    const seen = seenBy.get(`${as} on ${stand}`);
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
    }, { below: mine, each: 1, seeds: as === 'owner' ? rich.map((path) => url(path)) : [] });
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
}

// What no link of these rounds leads to, and which test opens it instead.
const elsewhere = {
  '/authorize': 'consent.test.mjs',
  '/prove': 'signin.test.mjs',
  '/accounts/{id}/delete': 'control.test.mjs', // of one that is disabled
};

// A screen that no link leads to is one that nobody finds.
test('every screen was seen', () => {
  const seen = new Set([...seenBy.values()].flatMap((s) => [...s]));
  assert.deepEqual(screens().filter((s) => !elsewhere[s] && !seen.has(s)), []);
  const needless = Object.keys(elsewhere).filter((s) => seen.has(s) || !screens().includes(s));
  assert.deepEqual(needless, [], 'no exception that is not needed');
  assert.ok(copies.size > 30, `only ${copies.size} screens were seen of another account`);
});
