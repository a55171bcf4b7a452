// The pictures of the README: main screens, as people see them.
import { test } from 'node:test';
import { join } from 'node:path';
import { narrow, wide } from './lib/browser.mjs';
import { address, user } from './lib/console.mjs';

const folder = process.env.PROPUSK_PICTURES;

const pictures = [
  { name: 'dashboard', path: '/', language: 'en' },
  { name: 'dashboard-dark', path: '/', language: 'en', theme: 'dark' },
];

for (const { name, path, language, theme = 'light', width = wide, as = 'administrator', stand = 'production', open } of pictures) {
  test(name, async () => {
    const guest = await user({ as, stand, language, theme, width, deviceScaleFactor: width === narrow ? 2 : 1 });
    await guest.page.goto(address(path, stand));
    await open?.(guest.page);
    await guest.page.screenshot({ path: join(folder, `${name}.png`) });
    guest.watch.clean();
    await guest.context.close();
  });
}
