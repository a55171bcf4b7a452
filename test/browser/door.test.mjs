// The console's door: who comes in, what a browser keeps of him, and what another
// site can do to him.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { fixture, person } from './lib/arrangement.mjs';
import { browse, narrow, visitor } from './lib/browser.mjs';
import { address, browseAs, signIn, user } from './lib/console.mjs';
import { send } from './lib/http.mjs';
import { inspect } from './lib/inspect.mjs';

for (const language of ['ru', 'en']) {
  for (const stand of ['production', 'test']) {
    test(`the sign-in page of ${stand}, in ${language}`, browse({ language }, async ({ page }) => {
      await page.goto(address('/sign-in', stand));
      assert.equal(await page.getAttribute('html', 'lang'), language);
      await inspect(page);
    }));
  }
}

test('a stranger is led to sign-in, and from there to where he wanted', browse({ width: narrow }, async ({ page, watch, context }) => {
  await page.goto(address('/?from=0'));
  assert.equal(new URL(page.url()).pathname, '/sign-in');
  const { login, password } = person('developer');
  await page.fill('[name=login]', login);
  await page.fill('[name=password]', password);
  await page.press('[name=password]', 'Enter');
  await page.waitForURL(address('/?from=0'));

  const cookies = await context.cookies();
  const session = cookies.filter((c) => !/language|theme|said/.test(c.name));
  assert.ok(session.length >= 1);
  for (const c of cookies) {
    assert.match(c.name, /^__Host-/);
    assert.ok(c.secure && c.httpOnly && c.path === '/' && c.sameSite === 'Lax', JSON.stringify({ ...c, value: '' }));
  }
  assert.ok(session.every((c) => c.expires === -1), 'a session ends with the browser');
}));

test('a wrong password and an unknown login read the same', browse({ language: 'en' }, async ({ page, watch }) => {
  const told = [];
  for (const [login, password] of [[person('developer', { account: 1 }).login, 'wrong-and-long-enough'], ['nobody-at-all', 'wrong-and-long-enough']]) {
    await page.goto(address('/sign-in'));
    await page.fill('[name=login]', login);
    await page.fill('[name=password]', password);
    watch.expect(401);
    watch.expect(400);
    await page.press('[name=password]', 'Enter');
    await page.waitForSelector('[role=alert]');
    told.push(await page.innerText('[role=alert]'));
    assert.equal(await page.inputValue('[name=password]'), '', 'a password is not shown again');
  }
  assert.equal(told[0], told[1]);
}));

test('with the keyboard alone: in, through the menu, out', browse({}, async ({ page }) => {
  const { login, password } = person('administrator', { account: 1 });
  await page.goto(address('/sign-in'));
  await page.focus('body');
  await reach(page, '[name=login]');
  await page.keyboard.type(login);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL(address('/'));

  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main', 'first comes the way past the menu');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');

  await page.goto(address('/'));
  await reach(page, '.person summary');
  await page.keyboard.press('Enter');
  assert.ok(await page.isVisible('.person form[action$="/sign-out"] button'));
  await page.keyboard.press('Escape');
  assert.ok(!(await page.isVisible('.person form[action$="/sign-out"] button')));
  await page.keyboard.press('Enter');
  await reach(page, 'form[action$="/sign-out"] button');
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none', 'who types sees where he is');
  await page.keyboard.press('Enter');
  await page.waitForURL(address('/sign-in'));
}));

// reach presses Tab until the element has the focus.
async function reach(page, selector) {
  for (let i = 0; i < 60; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector} is not reached with the keyboard`);
}

test('after sign-out the back button shows nothing, and the session is dead', browse({}, async ({ page, context }) => {
  await signIn(page, person('administrator', { account: 1 }));
  const name = await page.innerText('.whose');
  const cookies = (await context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  await page.goto(address('/?from=0'));
  await page.click('.person summary');
  await page.click('form[action$="/sign-out"] button');
  await page.waitForURL(address('/sign-in'));
  await page.goBack();
  assert.equal(new URL(page.url()).pathname, '/sign-in');
  assert.ok(!(await page.content()).includes(name));
  assert.equal((await send(address('/'), { headers: { Cookie: cookies } })).status, 303);
}));

test('each sign-in is a session of its own', async () => {
  const texts = new Set();
  for (let i = 0; i < 2; i++) {
    const { context, page } = await visitor({});
    await page.context().addCookies([{ name: '__Host-propusk', value: 'planted', url: address('/').replace('http:', 'https:'), secure: true }]).catch(() => {});
    await signIn(page, person('developer', { account: 1 }));
    texts.add((await context.cookies()).find((c) => c.name === '__Host-propusk').value);
    await context.close();
  }
  assert.equal(texts.size, 2);
  assert.ok(!texts.has('planted'));
});

test('language and theme are kept with the user, in whatever browser he comes next', async () => {
  const dev = { as: 'developer', account: 1, stand: 'test', fresh: true };
  const first = await user({ ...dev, language: 'ru' });
  await first.page.goto(first.url('/'));
  const choose = async ({ page }, name, value) => {
    await page.click('.person summary');
    await Promise.all([page.waitForNavigation(), page.click(`.person [name=${name}][value=${value}]`)]);
  };
  await choose(first, 'language', 'en');
  await choose(first, 'theme', 'dark');
  first.watch.clean();
  await first.context.close();

  const second = await user({ ...dev, language: 'ru' });
  await second.page.goto(second.url('/'));
  assert.equal(await second.page.getAttribute('html', 'lang'), 'en');
  assert.equal(await second.page.getAttribute('html', 'data-theme'), 'dark');
  await choose(second, 'language', 'ru');
  await choose(second, 'theme', 'auto');
  assert.equal(await second.page.getAttribute('html', 'lang'), 'ru');
  second.watch.clean();
  await second.context.close();
});

test('the switch of stands leads to the other stand, where one signs in anew', browseAs({ as: 'administrator' }, async ({ page, url }) => {
  await page.goto(url('/'));
  await page.click('.stands a:not([aria-current])');
  assert.equal(page.url(), address('/sign-in', 'test'));
}));

let elsewhere;

before(async () => {
  elsewhere = createServer((req, res) => {
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    const target = new URL(req.url, 'http://x').searchParams.get('target') ?? '';
    if (req.url.startsWith('/frame')) return res.end(`<!doctype html><title>x</title><link rel=icon href="data:,"><iframe src="${target}"></iframe>`);
    res.end(`<!doctype html><title>x</title><link rel=icon href="data:,"><form method="post" action="${target}"><input name="theme" value="dark"><button>go</button></form>`);
  });
  await new Promise((done) => elsewhere.listen(0, '127.0.0.1', done));
});

after(() => elsewhere.close());

// 127.0.0.1 with another port is the same site (the cookie is sent), localhost is another one.
for (const host of ['127.0.0.1', 'localhost']) {
  test(`a form on a page of ${host} changes nothing`, browseAs({ as: 'developer', account: 1, allow: [] }, async ({ page, url, watch }) => {
    watch.allow(`http://${host}:${elsewhere.address().port}`, url('/'));
    await page.goto(`http://${host}:${elsewhere.address().port}/?target=${encodeURIComponent(url('/preferences'))}`);
    watch.expect(403);
    const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), page.click('button')]);
    assert.equal(answer.status(), 403);
  }));

  test(`a page of ${host} cannot frame the console`, async () => {
    const guest = await user({ as: 'developer', account: 1 });
    await guest.page.goto(`http://${host}:${elsewhere.address().port}/frame?target=${encodeURIComponent(guest.url('/'))}`);
    for (const frame of guest.page.frames().slice(1)) {
      assert.ok(!(await frame.content()).includes('<main'), 'the frame shows a page');
    }
    assert.match(guest.watch.complaints.join('\n'), /frame-ancestors|X-Frame-Options/i);
    await guest.context.close();
  });
}

test('a request that a browser says comes from another site is refused, with the session and all', async () => {
  const { context, url } = await user({ as: 'developer', account: 1 });
  const Cookie = (await context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  await context.close();
  const form = { method: 'POST', body: 'theme=dark&next=/' };
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  for (const foreign of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { Origin: 'https://elsewhere.example' }, { Origin: 'null' }]) {
    const answer = await send(url('/preferences'), { ...form, headers: { ...type, Cookie, ...foreign } });
    assert.equal(answer.status, 403, JSON.stringify(foreign));
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  }
  assert.equal((await send(url('/preferences'), { ...form, headers: { ...type, Cookie, Origin: new URL(url('/')).origin } })).status, 303);
});

test('a page that is not there says so, and leads on', browseAs({ as: 'administrator' }, async ({ page, url, watch }) => {
  watch.expect(404);
  await page.goto(url('/nothing'));
  await inspect(page);
  await page.click('main a.button');
  assert.equal(page.url(), url('/'));
}));

test('a first visit transfers little', browse({}, async ({ page, context }) => {
  let bytes = 0;
  page.on('requestfinished', async (r) => {
    const s = await r.sizes();
    bytes += s.responseBodySize + s.responseHeadersSize;
  });
  await signIn(page, person('administrator'));
  await page.waitForLoadState('networkidle');
  assert.ok(bytes > 10_000 && bytes < 300 * 1024, `${bytes} bytes`);
}));

test('every page of the console keeps to itself', async () => {
  for (const path of ['/sign-in', '/', '/nothing']) {
    const { headers } = await send(address(path));
    assert.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

test('the console is found on its own listener only', async () => {
  for (const base of [fixture().base_url, fixture().test_base_url]) {
    for (const path of ['/sign-in', '/static/console.js', '/preferences']) {
      const { status, headers } = await send(base + path);
      assert.equal(status, 404, base + path);
      assert.equal(headers['set-cookie'], undefined);
    }
  }
});

test('a name that is not the console\'s is not answered', async () => {
  assert.equal((await send(address('/sign-in'), { headers: { Host: 'elsewhere.example' } })).status, 421);
});
