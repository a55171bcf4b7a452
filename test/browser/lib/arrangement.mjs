// What the Go test that runs these files has arranged for them.
import { readFileSync } from 'node:fs';

function told(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these files by go test ./test/browser`);
  return value;
}

/** The built program, for a test that starts a server of its own. */
export const program = () => told('PROPUSK_PROGRAM');

/** A folder that is removed in the end, shared by all files. */
export const workshop = () => told('PROPUSK_WORKSHOP');

let read;

/** The fixture of the running demo: addresses, people, secrets. */
export function fixture() {
  read ??= JSON.parse(readFileSync(told('PROPUSK_FIXTURE'), 'utf8'));
  return read;
}

/**
 * Somebody of the demo: 'owner', 'administrator' or 'developer'.
 * account 1 is the second account of the stand, for tests that change what others look at.
 */
export function person(name, { stand = 'production', account = 0 } = {}) {
  const f = fixture();
  if (name === 'owner') return f.owner;
  const found = (stand === 'test' ? f.test.accounts : f.accounts)[account].console[name];
  if (!found) throw new Error(`nobody is called ${name} on ${stand}`);
  return found;
}

/** The patterns of the console's screens that are opened by GET, as "/users/{id}". */
export const screens = () => JSON.parse(told('PROPUSK_SCREENS'));
