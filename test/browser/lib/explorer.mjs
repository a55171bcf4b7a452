// The page of an API: its way in, and its methods.
import assert from 'node:assert/strict';

/** The section of the ways in. */
export const section = (page) => page.locator('#authentication');

/** One method, by its id. */
export const method = (page, id) => page.locator(`#${id}`);

/** Fills the inputs of a way in and goes through it. */
export async function enter(page, values) {
  for (const [name, value] of Object.entries(values)) await section(page).locator(`[data-input="${name}"]`).fill(value);
  await section(page).getByRole('button', { name: 'Try it out!' }).click();
  await section(page).locator('.outcome b:is(.good, .bad)').waitFor();
  assert.equal(await section(page).locator('.outcome .good').count(), 1, await section(page).locator('.outcome').innerText());
}

/** Opens a method. */
export async function open(page, id) {
  if (!(await method(page, id).evaluate((e) => e.open))) await method(page, id).locator('> summary').click();
}

/** Runs a method and gives what the page shows: { status, good, text }. */
export async function run(page, id, fields = {}) {
  await open(page, id);
  for (const [name, value] of Object.entries(fields)) await method(page, id).locator(`[data-name="${name}"]`).fill(value);
  const answered = page.waitForResponse((r) => r.request().resourceType() === 'fetch');
  await method(page, id).getByRole('button', { name: 'Try it out!' }).click();
  await answered;
  await method(page, id).locator('.outcome b:is(.good, .bad)').waitFor();
  return {
    status: await method(page, id).locator('[data-status]').textContent(),
    good: await method(page, id).locator('[data-status]').evaluate((e) => e.classList.contains('good')),
    text: await method(page, id).locator('.answer [data-text]').textContent(),
  };
}
