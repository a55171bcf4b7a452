// Chromium, as a test meets it: one process a file, one context a test, and
// every page watched until the test ends.
import { after } from 'node:test';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { Watch } from './watch.mjs';

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';

// Nothing of the browser's own goes out to the network.
const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** How wide a page is for somebody at a desk and for somebody with a small telephone. */
export const wide = 1280;
export const narrow = 360;

let running;

after(async () => (await running)?.close());

/** The browser of this file, started when it is first asked for. */
export function browser() {
  if (!running) {
    if (!existsSync(executable)) throw new Error(`${executable} is missing: install the Debian package chromium, or run make deps`);
    running = chromium.launch({ executablePath: executable, args: flags });
  }
  return running;
}

/**
 * One visitor: a context with a language ('ru', 'en'), a theme ('light', 'dark')
 * and a width of its own, and a page in it. allow lists the origins that the
 * page may call, by default those that the test navigates to.
 */
export async function visitor({ language = 'ru', theme = 'light', width = wide, state, allow, scripts = true, ...rest } = {}) {
  const context = await (await browser()).newContext({
    locale: language === 'ru' ? 'ru-RU' : 'en-GB',
    timezoneId: 'Europe/Moscow',
    colorScheme: theme,
    viewport: { width, height: width < 600 ? 740 : 800 },
    reducedMotion: 'reduce',
    javaScriptEnabled: scripts,
    storageState: state,
    ...rest,
  });
  context.setDefaultTimeout(30_000);
  const watch = new Watch(allow);
  await watch.over(context);
  return { context, page: await context.newPage(), watch };
}

/**
 * Wraps a test: it gets a visitor, and fails if the page complained of anything
 * that the test did not expect.
 *
 *   test('…', browse({ language: 'en' }, async ({ page, watch }) => { … }))
 */
export function browse(options, run, come = visitor) {
  return async (t) => {
    const guest = await come(options);
    try {
      await run({ ...guest, t });
      // What the page said before this is told by the time that it answers.
      if (!guest.page.isClosed()) await guest.page.evaluate(() => 0);
      guest.watch.clean();
    } catch (err) {
      const seen = guest.watch.complaints.filter((c) => !err.message.includes(c));
      if (seen.length) err.message += `\nThe page complained meanwhile:\n${seen.join('\n')}`;
      err.message += `\nat ${guest.page.url()}`;
      throw err;
    } finally {
      await guest.context.close();
    }
  };
}
