import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { readBody, sendJson } from '../server.ts';
import { type Account, type Call, createAccount } from './account.ts';
import { type Fault, type FaultInput, fault } from './faults.ts';
import { type Settings, type SettingsPatch, settingsPatch, withPatch } from './settings.ts';

/** A copy of the simulator's state. The counts start at the start or the last reset. */
export interface State {
  readonly settings: Settings;
  /** Paid POSTs that arrived. */
  readonly received: number;
  /** Paid POSTs that were accepted, so that they were charged. */
  readonly charges: number;
  /** Paid POSTs that were answered and not charged. */
  readonly rejected: number;
  /** Active faults, oldest first, with their remaining times. */
  readonly faults: readonly Fault[];
  /** Calls of the API in the order of arrival. */
  readonly calls: readonly Call[];
}

/** The simulator's controls, for this process and over HTTP. */
export interface Control {
  /** @param lastCalls number of calls to return, the last ones. Default: all */
  state(lastCalls?: number): State;
  /** Changes some settings. @throws ZodError if the patch is invalid */
  configure(patch: SettingsPatch): Settings;
  /** Adds a fault after the active ones. @throws ZodError if the fault is invalid */
  addFault(input: FaultInput): void;
  /** Removes all faults and ends the delays with `until_cleared`. */
  clearFaults(): void;
  /** Restores the initial state and settings. */
  reset(): void;
}

/** Holds the account, so that a reset can replace it. Calls in progress finish with the old one. */
export interface AccountHolder {
  current: Account;
}

const clearFaults = ({ faults, delayed }: Account): void => {
  faults.length = 0;
  for (const resume of delayed.splice(0)) resume();
};

export const createControl = (holder: AccountHolder, initial: Settings): Control => ({
  state: (lastCalls = Number.POSITIVE_INFINITY) => {
    const { settings, charges, faults, calls } = holder.current;
    const paid = calls.filter(({ method }) => method === 'POST');
    return structuredClone({
      settings,
      received: paid.length,
      charges,
      rejected: paid.filter(({ charged, answer }) => !charged && answer !== null).length,
      faults,
      calls: calls.slice(Math.max(0, calls.length - lastCalls)),
    });
  },
  configure: (patch) => {
    holder.current.settings = withPatch(holder.current.settings, settingsPatch.parse(patch));
    return structuredClone(holder.current.settings);
  },
  addFault: (input) => {
    holder.current.faults.push(fault.parse(input));
  },
  clearFaults: () => clearFaults(holder.current),
  reset: () => {
    clearFaults(holder.current);
    holder.current = createAccount(initial);
  },
});

const MAX_BODY = 64 * 1024;
const LAST_CALLS = 20;

const HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether a web page may have sent the request: browsers send `Origin`, and a name that an attacker resolves to 127.0.0.1. */
const isForeign = ({ headers, socket }: IncomingMessage): boolean =>
  headers.origin !== undefined ||
  !HOSTS.some((host) => headers.host?.toLowerCase() === `${host}:${socket.localPort}`);

/**
 * Serves the control API, which docs/simulator.md describes. Bodies and answers are JSON:
 *
 * - `GET /_simulator`: returns the state with the last 20 calls, or with another number: `?calls=100`.
 * - `PATCH /_simulator/settings` with some settings: returns all settings.
 * - `POST /_simulator/faults` with one fault: 201, returns the active faults.
 * - `DELETE /_simulator/faults`: 204, clears the faults and ends the delays with `until_cleared`.
 * - `POST /_simulator/reset`: 204, restores the initial state.
 *
 * An invalid body is answered 400 with `{message, errors: [{field, message}]}` and changes nothing. A request that a web
 * page may have sent is answered 403.
 */
export const serveControl = async (
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams }: URL,
): Promise<void> => {
  const text = (await readBody(request, MAX_BODY))?.toString() ?? '';
  if (isForeign(request)) {
    sendJson(response, 403, {
      message:
        'Web pages may not control the simulator. Send no Origin, and as Host 127.0.0.1, localhost or [::1] with the port. Nothing was changed.',
    });
    return;
  }
  const route = `${request.method} ${pathname}`;
  const operation = OPERATIONS.get(route);
  if (operation === undefined) {
    sendJson(response, 404, {
      message: `Unknown operation: ${route}. The operations are: ${[...OPERATIONS.keys()].join(', ')}.`,
    });
    return;
  }
  try {
    const { status, body } = operation(control, text, searchParams);
    if (body === undefined) response.writeHead(status).end();
    else sendJson(response, status, body);
  } catch (error) {
    if (error instanceof SyntaxError)
      sendJson(response, 400, { message: 'The body is not JSON.', errors: [] });
    else if (error instanceof z.ZodError)
      sendJson(response, 400, {
        message: 'The request is invalid. Nothing was changed.',
        errors: error.issues.map(({ path: field, message }) => ({ field: field.join('.'), message })),
      });
    else throw error;
  }
};

type Operation = (
  control: Control,
  text: string,
  query: URLSearchParams,
) => { status: number; body?: unknown };

const stateQuery = z.strictObject({ calls: z.coerce.number().int().min(0).default(LAST_CALLS) });

// The methods of `Control` validate their input.
const OPERATIONS = new Map<string, Operation>([
  [
    'GET /_simulator',
    (control, _, query) => {
      const { calls } = stateQuery.parse(Object.fromEntries(query));
      return { status: 200, body: control.state(calls) };
    },
  ],
  [
    'PATCH /_simulator/settings',
    (control, text) => ({ status: 200, body: control.configure(JSON.parse(text)) }),
  ],
  [
    'POST /_simulator/faults',
    (control, text) => {
      control.addFault(JSON.parse(text));
      return { status: 201, body: control.state(0).faults };
    },
  ],
  [
    'DELETE /_simulator/faults',
    (control) => {
      control.clearFaults();
      return { status: 204 };
    },
  ],
  [
    'POST /_simulator/reset',
    (control) => {
      control.reset();
      return { status: 204 };
    },
  ],
]);
