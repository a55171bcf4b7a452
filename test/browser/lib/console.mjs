// The console: its addresses, and people who are signed in to it.
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture, person, workshop } from './arrangement.mjs';
import { browse, visitor } from './browser.mjs';

/** The address of a page of the console. */
export function address(path = '/', stand = 'production', base = fixture().console_url) {
  return base + (stand === 'test' ? '/test' : '') + path;
}

/** Signs in by the form that people see, and waits for the page behind it. */
export async function signIn(page, { login, password }, stand = 'production', base = fixture().console_url) {
  await page.goto(address('/sign-in', stand, base));
  await page.fill('[name=login]', login);
  await page.fill('[name=password]', password);
  await Promise.all([
    page.waitForURL((url) => !url.pathname.endsWith('/sign-in')),
    page.press('[name=password]', 'Enter'),
  ]);
}

// How long a session is shared. Pages that make a secret ask for the password again
// a while after the last proof: a test that begins now must be done before.
const shared = 3 * 60_000;

const young = (file) => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < shared;

// A session that files share: signing in costs a password's hash each time. Who
// ends sessions or changes what is shown to their user asks for a fresh one.
async function session(who, stand, account) {
  const file = join(workshop(), `session-${who}-${stand}-${account}.json`);
  if (!young(file)) {
    const { context, page, watch } = await visitor({});
    await signIn(page, person(who, { stand, account }), stand);
    watch.clean();
    const own = `${file}.${process.pid}`;
    writeFileSync(own, JSON.stringify(await context.storageState()), { mode: 0o600 });
    renameSync(own, file);
    await context.close();
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * A visitor who is signed in, as visitor() makes one, with url(path) for the
 * pages of the stand.
 *   as: 'owner', 'administrator', 'developer'; account: 0 or 1; stand; fresh: a session of its own
 */
export async function user({ as, stand = 'production', account = 0, fresh = false, ...options }) {
  const state = fresh ? undefined : await session(as, stand, account);
  const guest = await visitor({ ...options, state });
  if (fresh) await signIn(guest.page, person(as, { stand, account }), stand);
  return { ...guest, url: (path) => address(path, stand) };
}

/** browse() for somebody who is signed in: the options are those of user(). */
export const browseAs = (options, run) => browse(options, run, user);
