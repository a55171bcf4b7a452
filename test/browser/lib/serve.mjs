// A server of a test's own, on an empty folder: what it changes is seen by nobody
// else.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, workshop } from './arrangement.mjs';

/** A port that was free a moment ago. */
export function port() {
  return new Promise((resolve, reject) => {
    const s = createServer().on('error', reject);
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

/**
 * Starts `propusk serve` with its console at localhost, and gives the addresses of
 * the console and of production's API, the one-time code of its first start and how
 * to stop it. config(base) gives more lines of the configuration.
 */
export async function serve(config = () => '') {
  const folder = mkdtempSync(join(workshop(), 'serve-'));
  const [console_, api_] = [await port(), await port()];
  const base = `http://localhost:${console_}`;
  const api = `http://127.0.0.1:${api_}`;
  const file = join(folder, 'propusk.yaml');
  writeFileSync(file, `data: data
listen: {production: "127.0.0.1:${api_}", test: "127.0.0.1:0", console: "127.0.0.1:${console_}", metrics: "off"}
base_url: {console: "${base}"}
${config(base, folder)}`, { mode: 0o600 });
  const child = spawn(program(), ['serve', '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  let said = '';
  const code = await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const found = /enter the code (\S+)/.exec(said);
      if (found && /serving/.test(said)) resolve(found[1]);
    });
    ended.then(() => reject(new Error(`the server ended: ${said}`)));
  });
  return { base, api, code, stop: () => (child.kill(), ended) };
}
