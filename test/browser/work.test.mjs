// What lies behind the door, as people look at it: work orders, calls with their
// recordings, and files from other systems.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture } from './lib/arrangement.mjs';
import { browseAs } from './lib/console.mjs';
import { hubex } from './lib/doors.mjs';
import { inspect } from './lib/inspect.mjs';
import { follow, languages, menu, press, row, text, words } from './lib/steps.mjs';

const account = 1;
const as = 'administrator';

/** What the page says of a term. */
const fact = (page, term) => page.locator('main dt', { hasText: term }).first().locator('xpath=following-sibling::dd[1]').innerText();

/** Sends the form of an import, and waits until the file is read. */
async function upload(page, button) {
  await press(page, button);
  await page.locator('#job:not([data-hx-get])').waitFor();
}

/** Chooses in a filter, which sends itself. */
async function choose(page, name, option) {
  await Promise.all([page.waitForEvent('load'), page.selectOption(`form.filters [name=${name}]`, option)]);
}

for (const language of languages) {
  const t = words(language);

  test(`work orders, in ${language}: filters stay in the address, one is opened, the way back keeps them`, browseAs({ as, account, language }, async ({ page, url }) => {
    await page.goto(url('/'));
    await menu(page, t('Заявки', 'Work orders'));
    const whole = await page.locator('main tbody tr').count();
    assert.ok(whole > 20, `${whole} rows`);
    await choose(page, 'state', { label: t('открытые', 'open') });
    const area = await page.locator('form.filters [name=area] option').nth(1).innerText();
    await choose(page, 'area', { label: area });
    const asked = new URL(page.url()).searchParams;
    assert.ok(asked.get('state') && asked.get('area'), page.url());
    const areas = await page.locator(`main td[data-label="${t('Участок', 'Area')}"]`).allInnerTexts();
    assert.deepEqual([...new Set(areas)], [area]);
    await inspect(page);

    const number = await page.locator('main tbody th a').first().innerText();
    await follow(page, number);
    assert.match(await text(page), new RegExp(number));
    assert.equal(await fact(page, t('Участок', 'Area')), area);
    await page.goBack();
    assert.equal(await page.locator('form.filters [name=area] option:checked').innerText(), area);

    await page.fill('form.filters [name=text]', number);
    await page.press('form.filters [name=text]', 'Enter');
    await page.waitForURL(/text=./);
    assert.deepEqual(await page.locator('main tbody th a').allInnerTexts(), [number]);
    await page.fill('form.filters [name=text]', 'nothing is called so');
    await page.press('form.filters [name=text]', 'Enter');
    await page.waitForSelector('.empty');
    await inspect(page);
    await follow(page, t('Сбросить', 'Reset'));
    assert.equal(await page.locator('main tbody tr').count(), whole);
  }));

  test(`calls, in ${language}: one with a recording is found, heard and taken away`, browseAs({ as, account, language }, async ({ page, url }) => {
    await page.goto(url('/'));
    await menu(page, t('Звонки', 'Calls'));
    await choose(page, 'recorded', { index: 1 });
    await Promise.all([page.waitForEvent('load'), page.locator('main tbody th a').first().click()]);
    await inspect(page);
    const sound = page.locator('audio').first();
    const heard = await sound.evaluate(async (player) => {
      player.muted = true;
      await player.play();
      while (player.currentTime < 0.2) await new Promise(requestAnimationFrame);
      player.pause();
      player.currentTime = player.duration / 2;
      await new Promise((done) => player.addEventListener('seeked', done, { once: true }));
      return { duration: player.duration, at: player.currentTime, error: player.error };
    });
    assert.ok(heard.duration > 1 && heard.at > 0.5 && heard.error === null, JSON.stringify(heard));
    const { src } = await sound.evaluate((player) => ({ src: player.src }));
    const headers = (await page.context().request.get(src)).headers();
    assert.match(headers['content-type'], /^audio\//);
    assert.match(headers['content-security-policy'], /sandbox/, 'what somebody has sent has no rights here');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(headers['content-disposition'], /^attachment/);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: t('Скачать', 'Download') }).first().click()]);
    assert.match(file.suggestedFilename(), /\.(mp3|wav)$/);
  }));

  test(`a file of work orders, in ${language}: checked, imported, and nothing twice`, browseAs({ as, account, language }, async ({ page, url }) => {
    const rows = (...lines) => ({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(['id,title,created', ...lines, ''].join('\n')) });
    const title = t('Холодная батарея', 'Cold radiator');
    const file = rows(`${language}-1,${title},2024-05-20T10:00:00Z`, `${language}-2,,2024-05-20T10:00:00Z`, `${language}-3,=1+2,2024-05-20T10:00:00Z`);
    await page.goto(url('/'));
    await menu(page, t('Импорт', 'Import'));
    const send = async (mode) => {
      await page.goto(url('/import/tasks'));
      await page.selectOption('[name=mode]', { label: mode });
      await page.setInputFiles('[name=file]', file);
      await upload(page, t('Загрузить', 'Upload'));
      await inspect(page);
    };
    await send(t('Только проверить, ничего не менять', 'Only check, change nothing'));
    assert.equal(await page.innerText('h1'), t('Проверено, ничего не изменено', 'Checked, nothing changed'));
    assert.equal(await fact(page, t('Будет добавлено', 'Would be added')), '2');
    await follow(page, t('Импортировать файл по-настоящему', 'Import the file for real'));

    const real = t('Импортировать', 'Import');
    await send(real);
    assert.equal(await fact(page, t('Добавлено', 'Added')), '2');
    assert.equal(await fact(page, t('Отклонено', 'Refused')), '1');
    assert.deepEqual(await page.locator('main tbody th').allInnerTexts(), ['3'], 'the line of the bad row');
    await send(real);
    assert.equal(await fact(page, t('Добавлено', 'Added')), '0');

    await page.goto(url(`/tasks?text=${encodeURIComponent(title)}`));
    assert.equal(await row(page, title).count(), 1);
    const pair = await hubex.enter(fixture().accounts[account].hubex.service_token);
    assert.equal((await hubex.tasks(pair.json.access_token)).status, 200);
  }));

  test(`calls of a telephone exchange, in ${language}: its file is read`, browseAs({ as, account, language }, async ({ page, url }) => {
    const second = language === 'ru' ? '1' : '2';
    const line = `"","7916123456${second}","101","from-trunk","""A"" <7916123456${second}>","PJSIP/t-1","PJSIP/101-1","Dial","PJSIP/101","2024-05-20 10:00:0${second}","2024-05-20 10:00:05","2024-05-20 10:01:05",65,60,"ANSWERED","DOCUMENTATION","1716199200.${second}",""\n`;
    await page.goto(url('/import/calls'));
    await page.selectOption('[name=mode]', { label: t('Импортировать', 'Import') });
    await page.setInputFiles('[name=file]', { name: 'Master.csv', mimeType: 'text/csv', buffer: Buffer.from(line) });
    await upload(page, t('Загрузить', 'Upload'));
    assert.equal(await fact(page, t('Добавлено', 'Added')), '1');
    await page.goto(url(`/calls?number=7916123456${second}`));
    assert.equal(await row(page, `7916123456${second}`).count(), 1);
  }));
}

test('a large file shows its way up, then what became of it; one that is refused leaves the form', browseAs({ as, account, language: 'en' }, async ({ page, context, url, watch }) => {
  const cdp = await context.newCDPSession(page);
  const speed = (uploadThroughput) => cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  const begin = async (name, text) => {
    await page.goto(url('/import/tasks'));
    assert.ok(await page.locator('[data-way]').isHidden());
    await page.setInputFiles('[name=file]', { name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByRole('main').getByRole('button', { name: 'Upload', exact: true }).click();
  };
  await speed(2 << 20);
  const rows = Array.from({ length: 60_000 }, (_, i) => `way-${i},${'Long way up '.repeat(4)},2024-05-20T10:00:00Z`);
  await begin('way.csv', ['id,title,created', ...rows, ''].join('\n'));
  const bar = page.locator('[data-way] progress');
  await page.waitForFunction(() => {
    const { value } = document.querySelector('[data-way] progress') ?? { value: 0 };
    return value > 0 && value < 100;
  });
  assert.ok(await bar.isVisible());
  await page.locator('#job:not([data-hx-get])').waitFor();
  assert.equal((await fact(page, 'Would be added')).replace(/\D/g, ''), '60000');
  await speed(-1);

  watch.expect(400);
  await begin('no-columns.csv', 'x'.repeat(3 << 20));
  await page.locator('main [name=file][aria-invalid=true]:focus').waitFor();
  assert.match(await page.locator('main .hint.bad').innerText(), /./);
  assert.ok(await page.getByRole('button', { name: 'Upload', exact: true }).isEnabled());
  await inspect(page);

  const refusal = { status: 413, contentType: 'text/html', body: '<!doctype html><title>413</title><h1>a proxy takes no more</h1>' };
  await page.route('**/import/tasks', (r) => (r.request().method() === 'POST' ? r.fulfill(refusal) : r.continue()));
  watch.expect(413);
  watch.expect(413);
  await begin('large.csv', 'x'.repeat(3 << 20));
  await page.getByRole('heading', { name: 'a proxy takes no more' }).waitFor();
}));

test('a secret of another system is brought in and opens the API as before', browseAs({ as, account, language: 'en' }, async ({ page, url }) => {
  const secret = '5f0c6a3e-moved-service-token-9b1d';
  await page.goto(url('/import/credentials'));
  await page.selectOption('[name=mode]', { label: 'Import' });
  const line = JSON.stringify({ kind: 'service_token', name: 'Moved integration', roles: ['Administrator'], all_areas: true, secret });
  await page.setInputFiles('[name=file]', { name: 'secrets.json', mimeType: 'application/json', buffer: Buffer.from(`${line}\n`) });
  await upload(page, 'Upload');
  assert.equal(await fact(page, 'Added'), '1', await text(page));
  assert.ok(!(await page.content()).includes(secret));
  await page.goto(url('/import/credentials'));
  assert.match(await text(page), /secrets\.json/, 'what was brought in is listed');
  await inspect(page);
  const pair = await hubex.enter(secret);
  assert.equal(pair.status, 200, pair.text);
  assert.equal((await hubex.tasks(pair.json.access_token)).status, 200);
}));
