// The window that a user has come back in: it tells the page that asked, and
// shuts. The answer leaves the address at once.
import { themed } from './theme.js';
import { say, words } from './words.js';

words(JSON.parse(document.body.dataset.words));
themed();

const outcome = document.querySelector('[data-outcome]');
const answer = Object.fromEntries(new URLSearchParams(location.search));
history.replaceState(null, '', location.pathname);

const patience = 3000; // milliseconds until nobody is known to listen

if (!answer.state || !(answer.code || answer.error)) outcome.textContent = say('nobody_asked');
else {
  outcome.textContent = say('telling');
  const channel = new BroadcastChannel(answer.state);
  const lost = setTimeout(() => { outcome.textContent = say('nobody_hears'); }, patience);
  channel.onmessage = ({ data }) => {
    if (data !== 'heard') return; // another window with the same answer
    clearTimeout(lost);
    outcome.textContent = say('told');
    close();
  };
  channel.postMessage(answer);
}
