// What every page must be, in every theme and at every width: usable by people
// with a screen reader, readable, and no wider than the screen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { narrow, wide } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const everything = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What another theme or width can spoil on a page that is fine in one. */
export const looks = ['color-contrast', 'target-size', 'link-name', 'button-name', 'summary-name', 'label', 'scrollable-region-focusable', 'aria-hidden-focus'];

/** Fails on serious and critical violations that axe-core finds, of these rules or of all. */
export async function accessible(page, where = page.url(), rules = everything) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { resultTypes: ['violations'], runOnly }), rules);
  const grave = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  assert.equal(grave.length, 0, `${where}: not accessible:\n${grave.map(described).join('\n')}`);
}

function described(v) {
  const nodes = v.nodes.slice(0, 4).map((n) => `    ${n.target.join(' ')}: ${n.html.slice(0, 160)}\n      ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`);
  return `  ${v.id} (${v.impact}): ${v.help}\n${nodes.join('\n')}`;
}

// In the page: what reaches out of the window and cannot be scrolled to in a
// box of its own.
function reachingOut() {
  const width = document.documentElement.clientWidth;
  const boxed = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      const s = getComputedStyle(p);
      if (s.overflowX !== 'visible' || s.position === 'fixed') return true;
    }
    return false;
  };
  const out = [];
  if (document.scrollingElement.scrollWidth > width) out.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
  for (const e of document.body.querySelectorAll('*')) {
    const r = e.getBoundingClientRect();
    if (r.width === 0 || r.height === 0 || (r.right <= width + 1 && r.left >= -1)) continue;
    const s = getComputedStyle(e);
    if (s.visibility === 'hidden' || s.position === 'fixed' || e.closest('[hidden], .visually-hidden, .skip') || boxed(e)) continue;
    out.push(`<${e.tagName.toLowerCase()} class="${e.getAttribute('class') ?? ''}"> ${Math.round(r.left)}…${Math.round(r.right)}: ${e.textContent.trim().slice(0, 40)}`);
  }
  // A table is scrolled in its own box where a screen is small, but not at a desk,
  // unless it is behind a plot, for who wants its figures.
  for (const e of width > 1000 ? document.querySelectorAll('.table') : []) {
    if (e.scrollWidth > e.clientWidth + 1 && !e.closest('details')) out.push(`a table needs ${e.scrollWidth} of ${e.clientWidth}`);
  }
  return out.slice(0, 6);
}

// In the page: blocks side by side or below each other that lie on one another.
function overlapping() {
  const blocks = ['block', 'flex', 'grid', 'table', 'list-item', 'inline-flex', 'inline-block', 'table-cell', 'table-row'];
  const rect = (e) => {
    const s = getComputedStyle(e);
    const r = e.getBoundingClientRect();
    return blocks.includes(s.display) && s.visibility !== 'hidden' && ['static', 'relative'].includes(s.position) && r.width > 1 && r.height > 1 ? r : null;
  };
  const name = (e) => `<${e.tagName.toLowerCase()} class="${e.getAttribute('class') ?? ''}"> ${e.textContent.trim().slice(0, 30)}`;
  const out = [];
  for (const parent of document.querySelectorAll('main, main *:not(svg, svg *, select, select *)')) {
    const all = [...parent.children].map((e) => [e, rect(e)]).filter(([, r]) => r);
    for (let i = 1; i < all.length; i++) {
      const [[a, p], [b, q]] = [all[i - 1], all[i]];
      const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      const broad = Math.min(p.right, q.right) - Math.max(p.left, q.left);
      if (high > 2 && broad > 2) out.push(`${name(a)} and ${name(b)} lie on one another by ${Math.round(broad)}×${Math.round(high)}`);
    }
  }
  return out.slice(0, 6);
}

/** Fails if anything reaches out of the window at this width, or lies on something else. */
export async function fits(page, where = page.url()) {
  const out = await page.evaluate(reachingOut);
  const { width } = page.viewportSize();
  assert.equal(out.length, 0, `${where}: wider than ${width}:\n  ${out.join('\n  ')}`);
  const on = await page.evaluate(overlapping);
  assert.equal(on.length, 0, `${where} at ${width}:\n  ${on.join('\n  ')}`);
}

// In the page: what must be said whatever the page is about.
function untold() {
  const out = [];
  if (!['ru', 'en'].includes(document.documentElement.lang)) out.push(`lang="${document.documentElement.lang}"`);
  if (!document.title.trim()) out.push('no title');
  if (document.querySelectorAll('h1').length !== 1) out.push(`${document.querySelectorAll('h1').length} h1`);
  if (document.querySelectorAll('main').length !== 1) out.push(`${document.querySelectorAll('main').length} main`);
  if (document.querySelector('[style], script:not([src]):not([type="application/json"]), style')) out.push('style or script inside the page');
  const text = document.body.innerText + document.title;
  const marks = text.match(/\[\[[^\]]*\]\]|⟦[^⟧]*⟧|%!\w?\([^)]*\)|<no value>|\bundefined\b|\[object Object\]|\bNaN\b/g);
  if (marks) out.push(`shows ${[...new Set(marks)].join(', ')}`);
  return out;
}

/** Fails on a page without a language, a title, one heading; on a text that is missing. */
export async function wellMade(page, where = page.url()) {
  await page.waitForLoadState(); // who comes by a click may be here before the page is
  const out = await page.evaluate(untold);
  assert.equal(out.length, 0, `${where}: ${out.join('; ')}`);
}

/**
 * Looks at the page in both themes and at both widths, without loading it
 * anew, and leaves it as it was.
 */
export async function inspect(page, { themes = ['light', 'dark'], widths = [wide, narrow], where = page.url() } = {}) {
  const before = page.viewportSize();
  await wellMade(page, where);
  let rules;
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 600 ? 740 : 800 });
    await fits(page, `${where} at ${width}`);
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `${where} at ${width}, ${colorScheme}`, rules);
      rules = looks;
    }
  }
  await page.emulateMedia({ colorScheme: themes[0] });
  await page.setViewportSize(before);
}
