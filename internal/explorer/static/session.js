// The token in hand: how it was got, when it ends, and how it becomes the next.
// It lives in this object alone and dies with the page.
import { exchange, send } from './request.js';

/** What is wrong with a way in: the answer that said so. */
export class Refused extends Error {
  constructor(answer, text) {
    super(text);
    this.answer = answer;
  }
}

const idle = 15 * 60 * 1000; // a page that nobody touches renews no more

export class Session {
  token = '';
  refresh = '';
  ends = null;      // on the clock of now(); null = unknown
  renewedAt = null; // Date
  #way = null;
  #values = {};
  #lifetime = '';
  #running = null;
  #timer = null;
  #touched = 0;

  /** now is a clock that only goes forward, in milliseconds; changed is told of every change. */
  constructor({ origin, fetch, now, changed = () => {} }) {
    Object.assign(this, { origin, fetch, now, changed });
    this.touch();
  }

  /** Whether the token can be had anew without its owner. */
  get renewable() { return this.token !== '' && this.#way !== null && (!this.#way.Authorize || this.refresh !== ''); }

  /** Milliseconds until the token ends; null = unknown. */
  get left() { return this.ends === null ? null : this.ends - this.now(); }

  /** Whether it is time for the next token: a fifth of its life before the end, a minute at most. */
  get due() { return this.ends !== null && this.left <= this.#margin; }

  #margin = 0;

  touch() { this.#touched = this.now(); }

  /** Goes through a way in. Gives { request, answer, text } of the exchange. */
  async enter(way, values, lifetime = '') {
    const done = await this.#exchange(way, way.Get, values, lifetime);
    this.#way = way;
    this.#values = { ...values };
    for (const once of ['code', 'code_verifier']) delete this.#values[once];
    this.#lifetime = lifetime;
    this.renewedAt = null;
    this.#take(way.Get, done);
    return done;
  }

  /** Takes a token that was typed. One that a way in gave stays renewable. */
  set(token) {
    if (token !== this.token) {
      this.#forget();
      this.token = token;
      this.#date(lifetimeOf(token), this.now());
    }
    this.changed('set');
  }

  /** Forgets everything. */
  clear() {
    this.#forget();
    this.token = '';
    this.changed('cleared');
  }

  #forget() {
    clearTimeout(this.#timer);
    Object.assign(this, { refresh: '', ends: null, renewedAt: null });
    this.#way = null;
    this.#values = {};
  }

  /** Renews if it is time for it. Call it before every request. */
  async fresh() {
    this.touch();
    if (this.renewable && this.due) await this.renew();
  }

  /** The next token: by the refresh token, or by the way in again. One at a time. */
  renew() {
    this.#running ??= this.#renew().finally(() => { this.#running = null; });
    return this.#running;
  }

  async #renew() {
    const way = this.#way;
    if (!way) throw new Error('not renewable');
    const before = this.token;
    let step = way.Get;
    let done;
    if (way.Renew && this.refresh) {
      step = way.Renew;
      try {
        done = await this.#exchange(way, step, { ...this.#values, refresh_token: this.refresh }, this.#lifetime);
      } catch (e) {
        if (!(e instanceof Refused) || way.Authorize) throw e; // a user is not asked behind his back
        step = way.Get; // what lies in the way in is good for longer
      }
    }
    done ??= await this.#exchange(way, step, this.#values, this.#lifetime);
    if (this.#way !== way || this.token !== before) return; // somebody set another one meanwhile
    this.renewedAt = new Date();
    this.#take(step, done);
  }

  async #exchange(way, step, values, lifetime) {
    const began = this.now();
    const request = exchange(this.origin, way, step, values, lifetime);
    const answer = await send(this.fetch, request);
    const text = await answer.text();
    let fields;
    try { fields = JSON.parse(text); } catch { fields = null; }
    const done = { request, answer, text, fields, began, took: this.now() - began };
    if (!answer.ok || typeof fields?.[step.Access] !== 'string') throw new Refused(done, `${answer.status}`);
    return done;
  }

  #take(step, { fields, began }) {
    this.token = fields[step.Access];
    this.refresh = step.Refresh ? fields[step.Refresh] ?? this.refresh : '';
    const seconds = Number(step.Expires && fields[step.Expires]);
    this.#date(seconds > 0 ? seconds * 1000 : lifetimeOf(this.token), began);
    this.changed(this.renewedAt ? 'renewed' : 'entered');
  }

  #date(lifetime, from) {
    clearTimeout(this.#timer);
    this.ends = lifetime ? from + lifetime : null;
    this.#margin = lifetime ? Math.min(60_000, lifetime / 5) : 0;
    if (this.ends !== null && this.#way) this.#wait();
  }

  #wait() {
    const until = Math.min(Math.max(this.left - this.#margin, 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      if (!this.due) return this.#wait();
      if (this.now() - this.#touched > idle) return;
      this.renew().catch((e) => this.changed('failed', e));
    }, until);
  }
}

/** How long a JWT lives, by its own claims, in milliseconds; null = it does not say. */
export function lifetimeOf(token) {
  try {
    const claims = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
    const left = claims.exp - (claims.iat ?? Math.floor(Date.now() / 1000));
    return left > 0 ? left * 1000 : null;
  } catch {
    return null;
  }
}
