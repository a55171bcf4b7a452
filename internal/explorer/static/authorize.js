// A user lets an application act as him: a window goes to the page that asks him
// and comes back with a code (RFC 6749 §4.1, with RFC 7636 and RFC 9207). The
// window loses its opener on the way, as pages of two origins must, so it tells
// its answer on a channel of this origin that is named by the state: only the
// page that made the state listens there. State and verifier are kept in the
// memory of that page, like all that is secret here.
const callback = '/explorer/callback';

/** Where an application must want users back to be tried from here. */
export const redirectURL = (origin) => origin + callback;

const text = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => text(crypto.getRandomValues(new Uint8Array(32)));
const challenge = async (verifier) => text(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));

/** The address that a user is sent to. */
export function question({ origin, path, client, state, challenged }) {
  const url = new URL(path, origin);
  url.search = new URLSearchParams({
    response_type: 'code', client_id: client, redirect_uri: redirectURL(origin), state, code_challenge: challenged, code_challenge_method: 'S256',
  });
  return url.href;
}

let asking; // the channel of the question that is open; a later one takes its place

/**
 * Asks the user in a window of its own. Gives what the exchange of the code needs;
 * a RangeError says why there is none. Call it from what the user has pressed.
 */
export async function authorize({ origin, path, client, issuer }) {
  if (!crypto.subtle) throw new RangeError('insecure'); // no digest without TLS
  const popup = open('about:blank', '_blank', 'popup,width=560,height=760');
  if (!popup) throw new RangeError('blocked');
  const [state, verifier] = [random(), random()];
  const answered = listen(state);
  popup.location.replace(question({ origin, path, client, state, challenged: await challenge(verifier) }));
  const answer = await answered;
  if (answer.error) throw new RangeError('denied', { cause: { error: answer.error_description || answer.error } });
  if (answer.iss !== issuer || !answer.code) throw new RangeError('stranger');
  return { code: answer.code, code_verifier: verifier, redirect_uri: redirectURL(origin) };
}

// Waits for the answer to one question.
function listen(state) {
  asking?.close();
  const channel = asking = new BroadcastChannel(state);
  return new Promise((told) => {
    channel.onmessage = ({ data }) => {
      channel.postMessage('heard');
      channel.close();
      told(data);
    };
  });
}
