// Requests as programs send them, with whatever header a test wants.
import { request } from 'node:http';

/** Sends a request and gives { status, headers, text }. It follows no redirect. */
export function send(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const r = request(url, { method, headers }, (answer) => {
      const parts = [];
      answer.on('data', (p) => parts.push(p));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString('utf8') }));
      answer.on('error', reject);
    });
    r.on('error', reject);
    r.end(body);
  });
}
