// The harness itself: a page with a fault must fail, or no test here means anything.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { fixture, person } from './lib/arrangement.mjs';
import { browse, narrow, visitor } from './lib/browser.mjs';
import { accessible, fits, inspect, wellMade } from './lib/inspect.mjs';

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src *; img-src * data:";
const shell = (body, lang = 'en') => `<!doctype html><html lang="${lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A page</title><link rel="icon" href="data:,"><body><main><h1>A page</h1>${body}</main>`;

const pages = {
  '/good': shell('<p>Well made.</p>'),
  '/inline': shell('<script>document.title = "run"</script>'),
  '/attribute': shell('<p style="color: red">Red</p>'),
  '/throws': shell('<script src="/throws.js"></script>'),
  '/warns': shell('<script src="/warns.js"></script>'),
  '/alerts': shell('<script src="/alerts.js"></script>'),
  '/elsewhere': shell('<script src="/elsewhere.js"></script>'),
  '/lost': shell('<script src="/nothing.js"></script>'),
  '/unlabelled': shell('<input type="text">'),
  '/wide': shell('<pre>' + 'wide '.repeat(200) + '</pre>'),
  '/piled': shell('<p class="one">One</p><p class="two">Two</p><link rel="stylesheet" href="/piled.css">'),
  '/mark': shell('<p>⟦entry.title⟧</p>'),
};
const scripts = {
  '/throws.js': 'throw new Error("thrown")',
  '/warns.js': 'console.warn("warned")',
  '/alerts.js': 'alert("alerted")',
  '/piled.css': '.one { margin-bottom: -30px }',
  '/elsewhere.js': 'fetch("http://127.0.0.2:9/").catch(() => {})',
};

let server, base;

before(async () => {
  server = createServer((req, res) => {
    res.setHeader('Content-Security-Policy', policy);
    if (req.url === '/cookie') res.setHeader('Set-Cookie', '__Host-test=1; Path=/; Secure; HttpOnly; SameSite=Lax');
    if (req.url === '/told') return res.end(shell(`<p id="told">${req.headers.cookie ?? 'nothing'}</p>`));
    const script = scripts[req.url];
    res.setHeader('Content-Type', script ? (req.url.endsWith('.css') ? 'text/css' : 'text/javascript') : 'text/html; charset=utf-8');
    if (!script && !pages[req.url] && req.url !== '/cookie') res.statusCode = 404;
    res.end(script ?? pages[req.url] ?? shell('<p>Nothing.</p>'));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => server.close());

const faults = {
  '/inline': /content policy: script-src-elem/,
  '/attribute': /content policy: style-src-attr/,
  '/throws': /error: Error: thrown/,
  '/warns': /console warning: warned/,
  '/alerts': /dialog alert: alerted/,
  '/elsewhere': /request to another host: GET http:\/\/127\.0\.0\.2:9/,
  '/lost': /answer 404: GET .*nothing\.js/,
};

for (const [path, fault] of Object.entries(faults)) {
  test(`a page that has a fault is told: ${path}`, { timeout: 20_000 }, async () => {
    const { page, watch, context } = await visitor();
    await page.goto(base + path);
    while (!watch.complaints.some((c) => fault.test(c))) await page.evaluate(() => new Promise(requestAnimationFrame));
    await context.close();
    assert.throws(() => watch.clean(), fault);
  });
}

test('a page without a fault passes', browse({}, async ({ page }) => {
  await page.goto(`${base}/good`);
  await inspect(page);
}));

test('a status that is expected is no fault, once', browse({}, async ({ page, watch }) => {
  watch.expect(404);
  await page.goto(`${base}/missing`);
  watch.clean();
  await page.goto(`${base}/missing`);
  assert.throws(() => watch.clean(), /answer 404/);
}));

test('what nobody can use, read or reach is told', async () => {
  const { page, context } = await visitor({ width: narrow });
  await page.goto(`${base}/unlabelled`);
  await assert.rejects(accessible(page), /label \(critical\)/);
  await page.goto(`${base}/wide`);
  await assert.rejects(fits(page), /wider than 360/);
  await page.goto(`${base}/piled`);
  await assert.rejects(fits(page), /lie on one another/);
  await page.goto(`${base}/mark`);
  await assert.rejects(wellMade(page), /entry\.title/);
  await context.close();
});

test('a Secure cookie with the __Host- prefix is kept on loopback', browse({}, async ({ page, context }) => {
  await page.goto(`${base}/cookie`);
  await page.goto(`${base}/told`);
  assert.equal(await page.textContent('#told'), '__Host-test=1');
  const [cookie] = await context.cookies();
  assert.ok(cookie.secure && cookie.httpOnly && cookie.sameSite === 'Lax');
}));

test('the demo that all files share is there', () => {
  assert.equal(new URL(fixture().base_url).hostname, '127.0.0.1');
  assert.ok(person('owner').password && person('developer', { stand: 'test', account: 1 }).login);
});
