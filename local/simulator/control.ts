import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { readBody, sendJson } from '../server.ts';
import { type Account, type Call, createAccount } from './account.ts';
import { type Fault, type FaultInput, fault } from './faults.ts';
import { type Settings, type SettingsPatch, settingsPatch, withPatch } from './settings.ts';

/** A copy of what the simulator remembers. */
export interface State {
  readonly settings: Settings;
  /** Accepted paid POSTs since the start or the last reset. */
  readonly charges: number;
  /** Faults that still act, oldest first, with the times they have left. */
  readonly faults: readonly Fault[];
  /** Every call of the API in the order of arrival. */
  readonly calls: readonly Call[];
}

/** The far side's controls: the same for a test in this process and, over HTTP, for anybody else. */
export interface Control {
  state(): State;
  /** Changes a part of the settings. @throws ZodError when the patch is malformed. */
  configure(patch: SettingsPatch): Settings;
  /** Adds a fault behind those that still act. @throws ZodError when it is malformed. */
  addFault(input: FaultInput): void;
  /** Removes all faults, and ends the delays that last until then. */
  clearFaults(): void;
  /** Forgets everything that happened and goes back to the settings of the start. */
  reset(): void;
}

/** Holds the account, so that a reset can replace it: what still runs then ends on the old one. */
export interface AccountHolder {
  current: Account;
}

const clearFaults = ({ faults, held }: Account): void => {
  faults.length = 0;
  for (const goOn of held.splice(0)) goOn();
};

export const createControl = (holder: AccountHolder, initial: Settings): Control => ({
  state: () => {
    const { settings, charges, faults, calls } = holder.current;
    return structuredClone({ settings, charges, faults, calls });
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

const LONGEST_BODY = 64 * 1024;

/**
 * Serves the control interface. Bodies and answers are JSON:
 *
 * - `GET /_simulator` → the state.
 * - `PATCH /_simulator/settings` with any part of the settings → the settings.
 * - `POST /_simulator/faults` with one fault → 201 and the faults that act.
 * - `DELETE /_simulator/faults` → 204; ends the delays that last until then.
 * - `POST /_simulator/reset` → 204.
 *
 * A malformed body is answered 400 with `{message, errors: [{field, message}]}`, and changes nothing.
 */
export const serveControl = async (
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> => {
  const text = (await readBody(request, LONGEST_BODY))?.toString() ?? '';
  const route = `${request.method} ${path}`;
  const operation = OPERATIONS.get(route);
  if (operation === undefined) {
    sendJson(response, 404, {
      message: `No such operation: ${route}. There are: ${[...OPERATIONS.keys()].join(', ')}.`,
    });
    return;
  }
  try {
    const { status, body } = operation(control, text);
    if (body === undefined) response.writeHead(status).end();
    else sendJson(response, status, body);
  } catch (error) {
    if (error instanceof SyntaxError)
      sendJson(response, 400, { message: 'The body is not JSON.', errors: [] });
    else if (error instanceof z.ZodError)
      sendJson(response, 400, {
        message: 'Nothing was changed, because the body is not what this operation takes.',
        errors: error.issues.map(({ path: field, message }) => ({ field: field.join('.'), message })),
      });
    else throw error;
  }
};

type Operation = (control: Control, text: string) => { status: number; body?: unknown };

// The control's own methods parse what they are given, hence JSON goes in as it came.
const OPERATIONS = new Map<string, Operation>([
  ['GET /_simulator', (control) => ({ status: 200, body: control.state() })],
  [
    'PATCH /_simulator/settings',
    (control, text) => ({ status: 200, body: control.configure(JSON.parse(text)) }),
  ],
  [
    'POST /_simulator/faults',
    (control, text) => {
      control.addFault(JSON.parse(text));
      return { status: 201, body: control.state().faults };
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
