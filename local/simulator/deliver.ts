import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from './endpoints.ts';
import type { Fault } from './faults.ts';

const errorPage = (status: number) =>
  `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center></body>\r\n</html>\r\n`;

const send = (
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  code: number | null,
) => {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
  return { status, code };
};

/** Applies a fault instead of the answer. @returns the sent status and code, or null if nothing was sent */
export const deliverFault = (
  response: ServerResponse,
  fault: Exclude<Fault, { kind: 'delay' | 'truncated' | 'slow' }>,
): { status: number; code: number | null } | null => {
  switch (fault.kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      return null;
    case 'hang':
      return null;
    case 'http_error':
      return send(response, fault.status, 'text/html', errorPage(fault.status), null);
    case 'garbage':
      return send(response, fault.status, 'application/json', '{"code":0,"data":{"photo_id"\u0000<!--', null);
    case 'empty':
      return send(response, fault.status, 'application/json', '', null);
    case 'code': {
      const body = { code: fault.code, msg: fault.msg ?? `Simulated code ${fault.code}`, data: null };
      return send(response, fault.status, 'application/json', JSON.stringify(body), fault.code);
    }
    default:
      return fault satisfies never;
  }
};

/** Writes an answer completely, truncated or slowly. Returns early if `signal` aborts. */
export const deliverAnswer = async (
  response: ServerResponse,
  answer: Answer,
  signal: AbortSignal,
  fault?: Extract<Fault, { kind: 'truncated' | 'slow' }>,
): Promise<void> => {
  const body = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-type': 'application/json',
    'content-length': body.length,
  });
  if (fault === undefined) response.end(body);
  else if (fault.kind === 'truncated')
    response.write(body.subarray(0, body.length / 2), () => response.socket?.destroySoon());
  else {
    for (const byte of body) {
      if (signal.aborted || response.destroyed) return;
      response.write(Buffer.of(byte));
      await pause(fault.millisecondsPerByte, signal);
    }
    response.end();
  }
};

/** Waits. Resolves early if `signal` aborts. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  await wait(milliseconds, undefined, { signal }).catch((error) => {
    if (!signal.aborted) throw error;
  });
};
