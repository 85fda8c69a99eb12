import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { parseJson } from '../../lambda/shared/parse-json.ts';
import { readBody, sendJson } from '../server.ts';
import type { Account, Call } from './account.ts';
import { deliverAnswer, deliverFault, pause } from './deliver.ts';
import { admit, generatePhoto } from './endpoints.ts';
import { type Fault, nextFault } from './faults.ts';

const MAX_BODY = 1024 * 1024;

export interface PaidPost {
  readonly account: Account;
  readonly call: Call;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly now: () => number;
  /** Aborts when the simulator stops: then nothing more is charged. */
  readonly signal: AbortSignal;
}

/** @returns the parsed JSON, the text if it is not JSON, or null if the body is empty */
const parseBody = (text: string): unknown => {
  if (text === '') return null;
  const parsed = parseJson(z.unknown(), text);
  return parsed === undefined ? text : parsed;
};

/** Serves the paid POST and applies the next fault. The rate limit counts the POST before its body arrives. */
export const servePaidPost = async (post: PaidPost): Promise<void> => {
  const { account, call, request, response, now, signal } = post;
  const admission = admit(account, call.apiKey, call.arrivedAt);
  if (admission) response.setHeader('x-ratelimit-remaining', admission.remaining);
  const body = await readBody(request, MAX_BODY);
  if (body === undefined) {
    sendJson(response, 413, { message: 'Request Entity Too Large' });
    return;
  }
  call.body = parseBody(body.toString());
  const fault = nextFault(account.faults);
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
    else if (!altersAnswer(fault)) return recordAnswer(post, deliverFault(response, fault));
  }
  if (signal.aborted) return;
  recordAnswer(post, { status: answer.status, code: answer.body.code });
  await deliverAnswer(response, answer, signal, fault && altersAnswer(fault) ? fault : undefined);
};

const delay = (
  { account, signal }: PaidPost,
  { milliseconds }: Extract<Fault, { kind: 'delay' }>,
): Promise<void> =>
  milliseconds === 'until_cleared'
    ? new Promise((resume) => account.delayed.push(resume))
    : pause(milliseconds, signal);

const recordAnswer = ({ call, now }: PaidPost, answered: { status: number; code: number | null } | null) => {
  call.answer = answered && { ...answered, at: now() };
};

const altersAnswer = (fault: Fault): fault is Extract<Fault, { kind: 'truncated' | 'slow' }> =>
  fault.kind === 'truncated' || fault.kind === 'slow';
