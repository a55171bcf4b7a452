// What a page may never do, whatever a test looks at: complain on the console,
// throw, break its own content policy, ask another host, lose a request, open a
// dialog, show the name of a text in the place of the text.
import assert from 'node:assert/strict';

// In the page, before anything of the page runs.
function listen() {
  addEventListener('securitypolicyviolation', (e) => {
    window.watchTell(`content policy: ${e.effectiveDirective} refused ${e.blockedURI} in ${e.sourceFile || location.href}:${e.lineNumber}`);
  }, true);
}

export class Watch {
  complaints = [];
  #expected = [];
  #origins;
  #asked = new Set();

  /** allow: origins that may be asked; none = those of the pages that the test opens. */
  constructor(allow) {
    this.#origins = allow && new Set(allow.map((a) => new URL(a).origin));
  }

  async over(context) {
    await context.exposeBinding('watchTell', (_, text) => this.#tell(text));
    await context.addInitScript(listen);
    context.on('console', (m) => this.#console(m));
    context.on('weberror', (e) => this.#tell(`error: ${e.error().stack ?? e.error()}`));
    context.on('request', (r) => this.#request(r));
    context.on('requestfailed', (r) => this.#failed(r));
    context.on('response', (r) => this.#response(r));
    context.on('dialog', (d) => this.#dialog(d));
  }

  /**
   * Says that an answer with this status comes next, of a page or of what a
   * script asked for. It is used up by one answer.
   */
  expect(status) {
    this.#expected.push({ status, url: '' });
  }

  /** Lets pages ask these origins, besides those that are allowed already. */
  allow(...urls) {
    this.#origins ??= new Set();
    for (const u of urls) this.#origins.add(new URL(u).origin);
  }

  /** Fails with everything that was complained of. */
  clean() {
    const all = this.complaints.splice(0);
    assert.equal(all.length, 0, `the page complained:\n${all.join('\n')}`);
  }

  #tell(text) {
    if (!this.complaints.includes(text)) this.complaints.push(text);
  }

  #console(m) {
    if (m.type() !== 'error' && m.type() !== 'warning') return;
    const url = m.location().url;
    // The browser's own words for a status, which the answer itself has told of.
    if (/^Failed to load resource: the server responded with a status of \d+/.test(m.text())) return;
    this.#tell(`console ${m.type()}: ${m.text()} (${url}:${m.location().lineNumber})`);
  }

  #dialog(d) {
    if (d.type() !== 'beforeunload') this.#tell(`dialog ${d.type()}: ${d.message()}`);
    return d.dismiss();
  }

  #request(r) {
    const url = new URL(r.url());
    if (!/^(https?|wss?):$/.test(url.protocol)) return;
    if (!this.#origins && r.isNavigationRequest() && r.frame().parentFrame() === null && !r.redirectedFrom() && !this.#asked.size) {
      this.#asked.add(url.origin);
    }
    const allowed = this.#origins ?? this.#asked;
    if (!allowed.has(url.origin)) this.#tell(`request to another host: ${r.method()} ${r.url()}`);
  }

  #failed(r) {
    const why = r.failure()?.errorText ?? '';
    // A navigation that became a download, or that another one overtook.
    if (why === 'net::ERR_ABORTED') return;
    this.#tell(`request failed: ${r.method()} ${r.url()}: ${why}`);
  }

  #response(r) {
    if (r.status() < 400) return;
    const i = this.#expected.findIndex((e) => e.status === r.status());
    if (i >= 0) this.#expected.splice(i, 1);
    else this.#tell(`answer ${r.status()}: ${r.request().method()} ${r.url()}`);
  }
}
