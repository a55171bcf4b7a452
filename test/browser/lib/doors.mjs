// The ways into the API that a secret opens, as the program that holds it would
// call them. Each gives the whole answer.
import { base, call } from './api.mjs';

const form = (values) => new URLSearchParams(values);

/** hubex: a service token gives a pair of tokens, which open work orders. */
export const hubex = {
  enter: (serviceToken, stand, headers) => call(`${base(stand)}/fsm/AUTHZ/AccessTokens`, { body: { serviceToken }, headers }),
  renew: (refreshJwt, stand) => call(`${base(stand)}/fsm/AUTHZ/AccessTokens`, { body: { refreshJwt } }),
  tasks: (token, stand) => call(`${base(stand)}/fsm/WORK/Tasks?fetch=1`, { token }),
};

/** element: a client id and secret give a token of the control panel. */
export const element = {
  enter: (id, secret, stand) => call(`${base(stand)}/console/sys/token`, { basic: `${id}:${secret}`, body: form({ grant_type: 'client_credentials' }) }),
  me: (token, stand) => call(`${base(stand)}/console/api/v2/me`, { token }),
};

/** operator: an authorization token gives a pair that opens the history of calls. */
export const operator = {
  enter: (token, stand) => call(`${base(stand)}/api/v1/auth/integrationapi/create`, { token }),
  history: (token, stand) => call(`${base(stand)}/api/v1/request/getcallhistory`, {
    token, body: { numbers: [], periodStart: '2024-01-01 00:00:00', periodEnd: '2024-01-02 00:00:00', direction: 0, isCallRecord: 1 },
  }),
};

/** ringme: an Application_ID and Application_Secret give a token that acts as the owner of the application. */
export const ringme = {
  enter: (client_id, client_secret, stand) => call(`${base(stand)}/oauth/token`, { body: form({ grant_type: 'client_credentials', client_id, client_secret }) }),
  me: (token, stand) => call(`${base(stand)}/api/ver1.0/user/`, { token }),
};

/** smarts: a login and password on every call, once in the address, or for a token. */
export const smarts = {
  basic: (login, password, stand) => call(`${base(stand)}/api/v1/UserGroups`, { basic: `${login}:${password}` }),
  query: (username, password, stand) => call(`${base(stand)}/api/session?${form({ username, password })}`),
  enter: (username, password, stand) => call(`${base(stand)}/oauth/token`, { body: form({ grant_type: 'password', username, password, client_id: '123', client_secret: 'user' }) }),
  groups: (token, stand) => call(`${base(stand)}/api/v1/UserGroups`, { token }),
  guest: (contract, stand) => call(`${base(stand)}/${contract}/api/v1/UserGroups`),
};
