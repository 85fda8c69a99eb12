import { createClient, type PhotoAvatarsClient } from '../../../client/index.ts';
import {
  type AlarmList,
  DATA_ROUTES,
  type LastHour,
  type PageSession,
  TOKEN_HEADER,
} from '../../contract.ts';
import { createLimit } from './limit.ts';
import type { Control, SimulatorState } from './simulator-state.ts';

/** What the page reads and changes, all of it through the server that it came from. */
export interface Service {
  /** Repeats a call that got no answer, with the same key. */
  readonly client: PhotoAvatarsClient;
  /** Never repeats: for reads that come again anyway. */
  readonly reader: PhotoAvatarsClient;
  session(): Promise<PageSession>;
  alarms(): Promise<AlarmList>;
  lastHour(): Promise<LastHour>;
  /** The OpenAPI document of the API. */
  contract(): Promise<unknown>;
  simulator(): Promise<SimulatorState>;
  readonly control: Control;
}

export interface ServiceOptions {
  readonly origin: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  /** Called when the server does not take the token. */
  readonly onUnauthorized: () => void;
}

/** Longer than a read of the service takes. A call of the API has the client's own limit. */
const TIMEOUT_MS = 20_000;

/** Reads of the API at once. Each one more would start another execution environment of the function. */
const MOST_READS = 2;

/** API Gateway's own 401 is no problem document: only the server of this page asks for the token with one. */
const asksForToken = ({ status, headers }: Response): boolean =>
  status === 401 && (headers.get('content-type') ?? '').startsWith('application/problem+json');

export const createService = ({ origin, token, fetch, onUnauthorized }: ServiceOptions): Service => {
  const withToken: typeof fetch = async (url, init) => {
    const headers = new Headers(init?.headers);
    headers.set(TOKEN_HEADER, token ?? '');
    const response = await fetch(url, { ...init, headers });
    if (asksForToken(response)) onUnauthorized();
    return response;
  };

  const limit = createLimit(MOST_READS);
  const limited: typeof fetch = (url, init) => limit(() => withToken(url, init));

  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await withToken(`${origin}${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(await reasonOf(response));
    return response;
  };
  const read = async <Value>(path: string): Promise<Value> => (await call('GET', path)).json();

  const url = `${origin}${DATA_ROUTES.api}`;
  return {
    client: createClient({ url, fetch: withToken }),
    reader: createClient({ url, fetch: limited, maxRetries: 0 }),
    session: () => read(DATA_ROUTES.session),
    alarms: () => read(DATA_ROUTES.alarms),
    lastHour: () => read(DATA_ROUTES.lastHour),
    contract: () => limit(() => read(`${DATA_ROUTES.api}/openapi.json`)),
    simulator: () => read(DATA_ROUTES.simulator),
    async control(method, path, body) {
      await call(method, `${DATA_ROUTES.simulator}${path}`, body);
    },
  };
};

/** What a server says about a failure. */
const reasonOf = async (response: Response): Promise<string> => {
  const { detail, message, errors } = Object(await response.json().catch(() => undefined));
  const fields = Array.isArray(errors) ? errors.map(({ field, message: text }) => `${field}: ${text}`) : [];
  return [detail ?? message ?? `The server answered HTTP ${response.status}.`, ...fields].join(' ');
};
