// The pictures of the README: main screens, as people see them. README.md shows
// the English ones, README.ru.md the Russian ones.
import { before, test } from 'node:test';
import { join } from 'node:path';
import { base, knockEverywhere } from './lib/api.mjs';
import { fixture } from './lib/arrangement.mjs';
import { narrow, visitor, wide } from './lib/browser.mjs';
import { user } from './lib/console.mjs';
import { enter, method, run } from './lib/explorer.mjs';

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

/** Goes through the way in and runs a method, which is opened. */
async function runMethod(page) {
  const { application_id: client_id, application_secret: client_secret } = fixture().accounts[0].ringme.trusted;
  await enter(page, { client_id, client_secret });
  await run(page, 'getClientCallHistory');
  await method(page, 'getClientCallHistory').scrollIntoViewIfNeeded();
  await page.evaluate(() => document.querySelector('#getClientCallHistory').scrollIntoView({ block: 'start' }));
}

const both = ['en', 'ru'];

const pictures = [
  { name: 'dashboard', path: '/?span=7d', languages: both },
  { name: 'tokens', path: '/tokens', languages: both },
  { name: 'token-dark', path: '/service-users', open: makeToken, theme: 'dark', languages: both },
  { name: 'dashboard-phone', path: '/?span=7d', width: narrow, theme: 'dark', languages: both },
  { name: 'tokens-phone', path: '/tokens', width: narrow, languages: both },
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

for (const [name, width, theme] of [['explorer', wide, 'light'], ['explorer-phone', narrow, 'dark']]) {
  for (const language of both) {
    const file = `${name}${language === 'ru' ? '.ru' : ''}.png`;
    test(file, async () => {
      const guest = await visitor({ language, width, theme });
      await guest.page.goto(`${base()}/explorer/ringme/`);
      if (width === wide) await runMethod(guest.page);
      await take(guest, file);
    });
  }
}

async function take({ page, watch, context }, file) {
  await page.screenshot({ path: join(folder, file) });
  watch.clean();
  await context.close();
}
