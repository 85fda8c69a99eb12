import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendJson } from '../server.ts';
import type { Account, Call } from './account.ts';
import { deliverAnswer, deliverFault, pause } from './deliver.ts';
import { admit, generatePhoto } from './endpoints.ts';
import { type Fault, takeFault } from './faults.ts';

const LONGEST_BODY = 1024 * 1024;

export interface PaidPost {
  readonly account: Account;
  readonly call: Call;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly now: () => number;
  /** Aborted when the simulator stops: nothing is charged any more. */
  readonly signal: AbortSignal;
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Serves the paid POST, with the fault whose turn it is. The rate counts it before its body has arrived. */
export const servePaidPost = async (post: PaidPost): Promise<void> => {
  const { account, call, request, response, now, signal } = post;
  const admission = admit(account, call.apiKey, call.arrivedAt);
  if (admission) response.setHeader('x-ratelimit-remaining', admission.remaining);
  const body = await readBody(request, LONGEST_BODY);
  if (body === undefined) {
    sendJson(response, 413, { message: 'Request Entity Too Large' });
    return;
  }
  call.body = body.length === 0 ? null : parseJson(body.toString());
  const fault = takeFault(account.faults);
  call.fault = fault?.kind ?? null;

  if (fault?.when === 'before_charging') {
    if (fault.kind !== 'delay') return recordAnswer(post, deliverFault(response, fault));
    await delay(post, fault);
    if (signal.aborted) return;
  }
  const answer = generatePhoto(account, call.apiKey, admission, call.body, now());
  call.charged = answer.body.code === 0;
  if (fault?.when === 'after_charging') {
    if (fault.kind === 'delay') await delay(post, fault);
    else if (!spoilsAnswer(fault)) return recordAnswer(post, deliverFault(response, fault));
  }
  if (signal.aborted) return;
  recordAnswer(post, { status: answer.status, code: answer.body.code });
  await deliverAnswer(response, answer, signal, fault && spoilsAnswer(fault) ? fault : undefined);
};

const delay = (
  { account, signal }: PaidPost,
  { milliseconds }: Extract<Fault, { kind: 'delay' }>,
): Promise<void> =>
  milliseconds === 'until_cleared'
    ? new Promise((goOn) => account.held.push(goOn))
    : pause(milliseconds, signal);

const recordAnswer = ({ call, now }: PaidPost, answered: { status: number; code: number | null } | null) => {
  call.answer = answered && { ...answered, at: now() };
};

const spoilsAnswer = (fault: Fault): fault is Extract<Fault, { kind: 'truncated' | 'slow' }> =>
  fault.kind === 'truncated' || fault.kind === 'slow';
