// Every screen of the console as the owner of the deployment sees it, in his own
// account and in another one: in both languages, both themes, at both widths.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture, screens } from './lib/arrangement.mjs';
import { base, knockEverywhere, manager } from './lib/api.mjs';
import { request } from './lib/consent.mjs';
import { user } from './lib/console.mjs';
import { tour } from './lib/tour.mjs';

// What is looked at by an import that changes nothing.
const files = {
  tasks: 'id,title\nA-1,Tried',
  products: 'id,name\nA-1,Tried',
  calls: '"","79161234567","101","from-trunk","","PJSIP/t-1","PJSIP/101-1","Dial","PJSIP/101","2024-05-20 10:00:00","2024-05-20 10:00:05","2024-05-20 10:01:05",65,60,"ANSWERED","DOCUMENTATION","1716199200.9",""',
  credentials: '{"kind":"service_token","name":"Tried","roles":["Developer"],"all_areas":true,"secret":"5f0c6a3e-tried-service-token-77"}',
};

before(async () => {
  await knockEverywhere();
  // The owner has let an application in, so that there is a consent to look at.
  const owner = await user({ as: 'owner', fresh: true });
  const app = fixture().accounts[0].ringme.public;
  owner.watch.allow(base(), owner.url('/'));
  await owner.page.goto(request(app).url);
  const form = await owner.page.$eval('main form', (f) => ({ url: f.action, fields: Object.fromEntries(new FormData(f, f.querySelector('button'))) }));
  const answer = await owner.context.request.post(form.url, { form: form.fields, maxRedirects: 0 });
  assert.ok(answer.headers().location.startsWith(`${app.redirect_uri}?code=`), `${answer.status()} ${await answer.text()}`);
  // Screens that few have something to show on: the first of a kind would not do.
  await (await manager())('/roles', { name: 'Courier', permissions: ['TasksList'] });
  for (const [list, name] of [['/users?q=developer', 'Лебедев'], ['/applications', 'Публичное'], ['/applications', 'виджет CRM'], ['/roles', 'Courier']]) {
    await owner.page.goto(owner.url(list));
    rich.push(await owner.page.locator('main tbody tr', { hasText: name }).locator('th a').first().getAttribute('href'));
  }
  rich.push(`${rich[1]}/consents`);
  // And an application that is the owner's own.
  await owner.page.goto(owner.url('/profile/applications/new'));
  await owner.page.fill('[name=name]', 'Courier');
  await owner.page.locator('main form button').click();
  await owner.page.locator('[data-secret]').first().waitFor();
  for (const [kind, file] of Object.entries(files)) {
    await owner.page.goto(owner.url(`/import/${kind}`));
    await owner.page.setInputFiles('[name=file]', { name: kind, mimeType: 'text/plain', buffer: Buffer.from(`${file}\n`) });
    await owner.page.locator('main form button').click();
    await owner.page.locator('#job:not([data-hx-get])').waitFor();
  }
  owner.watch.clean();
  await owner.context.close();
});

const rich = [];
const { seen, copies } = tour({
  as: 'owner', stand: 'production', language: 'ru', first: 'light', deep: true, both: true, within: true, seeds: () => rich,
});

// What no link of these rounds leads to, and which test opens it instead.
const elsewhere = {
  '/authorize': 'consent.test.mjs',
  '/prove': 'signin.test.mjs',
  '/app/register': 'secrets.test.mjs', // printed in a vendor's pages
  '/users/{id}/factors': 'people.test.mjs', // of one who has some
  '/accounts/{id}/delete': 'control.test.mjs', // of one that is disabled
};

// A screen that no link leads to is one that nobody finds.
test('every screen was seen', () => {
  assert.deepEqual(screens().filter((s) => !elsewhere[s] && !seen.has(s)), []);
  const needless = Object.keys(elsewhere).filter((s) => seen.has(s) || !screens().includes(s));
  assert.deepEqual(needless, [], 'no exception that is not needed');
  assert.ok(copies.size > 30, `only ${copies.size} screens were seen of another account`);
});
