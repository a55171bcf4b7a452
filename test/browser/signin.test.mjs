// How people come in: first start, second factors, passkeys, a company's provider,
// sessions. In order, on a server of its own.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { code } from './lib/authenticator.mjs';
import { browse, visitor } from './lib/browser.mjs';
import { inspect } from './lib/inspect.mjs';
import { provider } from './lib/provider.mjs';
import { serve } from './lib/serve.mjs';

let own;
let company;
const me = { login: 'owner@example.com', password: '', codes: [], key: '' };

before(async () => {
  company = await provider();
  own = await serve((base, folder) => {
    writeFileSync(join(folder, 'secret'), company.secret, { mode: 0o600 });
    return `console:
  provider: {issuer: "${company.issuer}", client_id: ${company.client}, client_secret_file: secret, name: Company}
`;
  });
});
after(async () => {
  await own?.stop();
  await company?.stop();
});

const at = (path) => own.base + path;

// Each code works once: the next one is waited for.
let taken = 0;
async function freshCode(key) {
  // A clock that is ahead by a step is taken, so two codes are there at once.
  const step = Math.max(Math.floor(Date.now() / 30_000) - 1, taken + 1);
  while (step > Math.floor(Date.now() / 30_000) + 1) await new Promise((r) => setTimeout(r, 500));
  taken = step;
  return code(key, step * 30_000);
}

async function password(page, path = '/sign-in') {
  await page.goto(at(path));
  await page.fill('[name=login]', me.login);
  await page.fill('[name=password]', me.password);
  await page.press('[name=password]', 'Enter');
}

const arrived = (page, path = '/') => page.waitForURL((u) => u.pathname === path);

async function second(page, by = 'code') {
  await arrived(page, '/sign-in/second');
  if (by === 'code') await page.fill('[name=code]', await freshCode(me.key));
  await page.click('form:has([name=code]) button');
  await arrived(page);
}

/** A device with a fingerprint reader that always says yes. */
async function device(context, page) {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}

const signOut = async (page) => {
  await page.click('.person summary');
  await page.click('form[action$="/sign-out"] button');
  await arrived(page, '/sign-in');
};

test('while there is no account, only the first start is there', browse({ language: 'en' }, async ({ page, watch }) => {
  for (const path of ['/', '/sign-in', '/security', '/test/']) {
    await page.goto(at(path));
    assert.match(new URL(page.url()).pathname, /^(\/test)?\/setup$/, path);
  }
  await page.goto(at('/setup'));
  await inspect(page);
  await page.fill('[name=code]', 'not-the-code');
  await page.fill('[name=name]', 'Romashka');
  await page.fill('[name=login]', me.login);
  watch.expect(400);
  await page.click('form.stack button');
  await page.waitForSelector('#h-code.bad');

  await page.fill('[name=code]', own.code);
  await page.click('form.stack button');
  await page.waitForSelector('[data-secret]');
  await inspect(page);
  const shown = await page.$$eval('[data-text]', (all) => all.map((e) => e.textContent));
  assert.equal(shown.length, 2);
  [me.password] = shown;
  await page.goto(at('/setup'));
  assert.equal(new URL(page.url()).pathname, '/sign-in', 'the code works once');
}));

test('codes from an app become the second step', browse({ language: 'ru' }, async ({ page, watch }) => {
  await password(page);
  await arrived(page);
  await page.goto(at('/security'));
  await inspect(page);
  await page.click('a[href="/security/code"]');
  await inspect(page);
  await page.click('details.more summary');
  me.key = await page.innerText('[data-key]');
  await page.fill('[name=code]', '000000');
  watch.expect(400);
  await page.click('form:has([name=ticket]) button');
  await page.waitForSelector('#h-code.bad');
  await page.fill('[name=code]', await freshCode(me.key));
  await page.click('form:has([name=ticket]) button');
  await page.waitForSelector('[data-secret]');
  await inspect(page);
  me.codes = (await page.textContent('[data-text]')).trim().split('\n');
  assert.equal(me.codes.length, 10);
  await page.reload();
  assert.equal(new URL(page.url()).pathname, '/security', 'the codes are shown once');

  await signOut(page);
  await password(page, '/sign-in?next=%2Fsessions');
  await arrived(page, '/sign-in/second');
  await inspect(page);
  await page.fill('[name=code]', '000000');
  watch.expect(400);
  await page.click('form:has([name=code]) button');
  await page.waitForSelector('#h-code.bad');
  await page.fill('[name=code]', await freshCode(me.key));
  await page.click('form:has([name=code]) button');
  await arrived(page, '/sessions');
}));

test('a recovery code stands in for a lost telephone, once', browse({ language: 'en' }, async ({ page, watch }) => {
  for (const works of [true, false]) {
    await password(page);
    await arrived(page, '/sign-in/second');
    await page.click('details.more summary');
    await page.fill('[name=recovery]', me.codes[0].toUpperCase());
    if (!works) watch.expect(400);
    await page.click('form:has([name=recovery]) button');
    if (works) {
      await arrived(page);
      await signOut(page);
    } else {
      await page.waitForSelector('#h-recovery.bad');
    }
  }
}));

test('a passkey: made, used alone, used as second step, renamed, removed', browse({ language: 'en' }, async ({ page, context }) => {
  await device(context, page);
  await password(page);
  await second(page);
  await page.goto(at('/security/passkey'));
  await inspect(page);
  await page.fill('[name=name]', 'Laptop');
  await page.click('form[data-passkey] button');
  await arrived(page, '/security');
  assert.match(await page.innerText('main'), /Laptop/);
  await inspect(page);

  await signOut(page);
  await page.click('form[data-passkey] button');
  await arrived(page);
  await page.goto(at('/profile'));
  assert.match(await page.innerText('main'), /passkey/);
  await inspect(page);

  await signOut(page);
  await password(page);
  await arrived(page, '/sign-in/second');
  await page.click('form[data-passkey] button');
  await arrived(page);

  await page.goto(at('/prove?next=%2Fsecurity'));
  await inspect(page);
  await page.click('form[data-passkey] button');
  await arrived(page, '/security');
  await page.click('details.more summary');
  await page.fill('form.filters [name=name]', 'Old laptop');
  await page.click('form.filters button');
  await page.waitForSelector('.note.done');
  assert.match(await page.innerText('main'), /Old laptop/);
  await page.click('form[action$="/remove"] button');
  await page.waitForSelector('.note.done');
  assert.doesNotMatch(await page.innerText('main'), /Old laptop/);
}));

test('a device that refuses is told of in words', browse({ language: 'ru' }, async ({ page, context }) => {
  const { cdp, authenticatorId } = await device(context, page);
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.goto(at('/sign-in'));
  await page.click('form[data-passkey] button');
  await page.waitForSelector('[data-problem]:not([hidden])');
  assert.match(await page.innerText('[data-problem]'), /Устройство не подтвердило/);
}));

test('a company\'s provider lets in whom it knows, and asks anew before a secret', browse({ language: 'en' }, async ({ page, watch }) => {
  watch.allow(own.base, company.issuer);
  company.who = { email: me.login, email_verified: true };
  await page.goto(at('/sign-in?next=%2Fprofile'));
  await page.click('text=Company');
  await arrived(page, '/profile');
  assert.match(await page.innerText('main'), /sign-in provider/);

  await page.goto(at('/security/code'));
  await arrived(page, '/prove'); // nobody knows when the provider saw its user
  company.who.auth_time = Math.floor(Date.now() / 1000);
  await page.click('text=Company');
  await arrived(page, '/security/code');
  const asked = company.asked.at(-1);
  assert.equal(asked.prompt, 'login');
  assert.equal(asked.code_challenge_method, 'S256');
  await signOut(page);

  for (const [who, told] of [
    [{ email: 'stranger@example.com', email_verified: true }, /you are no user here/],
    [{ email: me.login, email_verified: false }, /no verified e-mail/],
  ]) {
    company.who = who;
    await page.goto(at('/sign-in'));
    watch.expect(/no user/.test(told.source) ? 403 : 400);
    await page.click('text=Company');
    await page.waitForURL((u) => u.pathname === '/sign-in/return');
    assert.match(await page.innerText('main'), told);
  }
}));

test('sessions are listed and ended', browse({ language: 'ru' }, async ({ page, watch }) => {
  const there = await visitor({ language: 'en', userAgent: 'Another browser' });
  await password(there.page);
  await second(there.page);
  await password(page);
  await second(page);
  await page.goto(at('/sessions'));
  await inspect(page);
  assert.match(await page.innerText('main'), /Another browser/);
  await page.click('form[action="/sessions/end-others"] button');
  await page.waitForSelector('.note.done');
  assert.doesNotMatch(await page.innerText('main'), /Another browser/);
  await there.page.goto(at('/profile'));
  assert.equal(new URL(there.page.url()).pathname, '/sign-in');
  there.watch.clean();
  await there.context.close();
}));

test('another password ends everything', browse({ language: 'en' }, async ({ page, watch }) => {
  await password(page);
  await second(page);
  await page.goto(at('/security'));
  await page.click('form[action="/security/code/remove"] button');
  await page.waitForSelector('.note.done');
  const wanted = 'a new and longer password';
  const change = async (was) => {
    await page.fill('[name=password]', was);
    await page.fill('[name=new]', wanted);
    await page.fill('[name=repeated]', wanted);
    await page.click('form[action="/security/password"] button');
  };
  watch.expect(400);
  await change('wrong');
  await page.waitForSelector('#h-password.bad');
  await change(me.password);
  await arrived(page, '/sign-in');
  await page.waitForSelector('.note.done');
  me.password = wanted;
  await password(page);
  await arrived(page);
}));
