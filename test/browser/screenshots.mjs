// The pictures of the README: main screens, as people see them. README.md shows
// the English ones, README.ru.md the Russian ones.
import { before, test } from 'node:test';
import { join } from 'node:path';
import { base, knockEverywhere } from './lib/api.mjs';
import { narrow, visitor, wide } from './lib/browser.mjs';
import { user } from './lib/console.mjs';

const folder = process.env.PROPUSK_PICTURES;
const as = 'administrator';

before(() => knockEverywhere());

/** Opens the first row of a list. */
const first = (list) => async (page) => {
  await page.goto(page.url());
  await Promise.all([page.waitForNavigation(), page.click(`main table a[href*="${list}/"]`)]);
};

/** Makes a service token, which is shown this once. */
async function makeToken(page) {
  await first('/service-users')(page);
  await page.goto(`${page.url()}/token`);
  await page.fill('[name=description]', 'ETL');
  await Promise.all([page.waitForNavigation(), page.click('main form button:not(.plain)')]);
  await page.waitForSelector('[data-secret]');
}

const both = ['en', 'ru'];

const pictures = [
  { name: 'dashboard', path: '/?span=7d', languages: both },
  { name: 'tokens', path: '/tokens', languages: both },
  { name: 'token-dark', path: '/service-users', open: makeToken, theme: 'dark', languages: both },
  { name: 'dashboard-phone', path: '/?span=7d', width: narrow, theme: 'dark', languages: both },
];

for (const { name, path, languages, theme = 'light', width = wide, open } of pictures) {
  for (const language of languages) {
    const file = `${name}${language === 'ru' ? '.ru' : ''}.png`;
    test(file, async () => {
      const guest = await user({ as, language, theme, width });
      await guest.page.goto(guest.url(path));
      await open?.(guest.page);
      await take(guest, file);
    });
  }
}

for (const language of both) {
  const file = `explorer${language === 'ru' ? '.ru' : ''}.png`;
  test(file, async () => {
    const guest = await visitor({ language });
    await guest.page.goto(`${base()}/explorer/ringme/`);
    await take(guest, file);
  });
}

async function take({ page, watch, context }, file) {
  await page.screenshot({ path: join(folder, file) });
  watch.clean();
  await context.close();
}
