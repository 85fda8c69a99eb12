import type { IncomingMessage } from 'node:http';
import {
  type ClientOptions,
  createClient,
  isPhotoAvatarsError,
  type PhotoAvatarsError,
  type Timing,
} from '../../client/index.ts';
import { createIamAuthorizer, type IamIdentity } from '../../local/emulators/http-api-authorizer.ts';
import { startProxy } from '../../local/proxy.ts';
import { createHandlerServer, listen, readBody } from '../../local/server.ts';

export const REGION = 'eu-west-1';

/** Two roles of one account, the second with temporary credentials. */
export const IDENTITIES = {
  shop: {
    accessKeyId: 'AKIASHOP',
    secretAccessKey: 'secret/of+shop',
    userArn: 'arn:aws:iam::111122223333:user/shop',
  },
  desk: {
    accessKeyId: 'ASIADESK',
    secretAccessKey: 'secret/of+desk',
    sessionToken: 'token/of+desk==',
    userArn: 'arn:aws:sts::111122223333:assumed-role/desk/anna',
  },
} as const satisfies Record<string, IamIdentity>;

export const iamAuthorizer = (now?: () => number) =>
  createIamAuthorizer({ identities: Object.values(IDENTITIES), region: REGION, ...(now && { now }) });

/** Time that passes only while the client waits, so that a test never does. */
export const createVirtualTiming = (start = Date.now()) => {
  let now = start;
  const waits: number[] = [];
  let during: (ms: number) => unknown = () => undefined;
  const timing: Timing = {
    now: () => now,
    random: () => 0.5,
    async wait(ms) {
      waits.push(ms);
      await during(ms);
      now += ms;
    },
  };
  return {
    ...timing,
    /** Every wait so far, in milliseconds. */
    waits,
    /** Runs this at each wait. */
    duringWaits: (run: typeof during) => {
      during = run;
    },
  };
};

export type VirtualTiming = ReturnType<typeof createVirtualTiming>;

/** A client that signs as one of the identities. */
export const clientOf = (url: string, name: keyof typeof IDENTITIES, options: Partial<ClientOptions> = {}) =>
  createClient({ url, auth: { kind: 'iam', region: REGION, credentials: IDENTITIES[name] }, ...options });

/** A network between the client and the API that loses answers: the service has acted, and the client does not know. */
export const startLosingNetwork = async (target: string) => {
  let losses = 0;
  const received: { readonly key: string | undefined; readonly body: string }[] = [];
  let last: IncomingMessage | undefined;
  const proxy = await startProxy({
    target,
    onRequest: (request, body) => {
      last = request;
      received.push({ key: request.headers['idempotency-key']?.toString(), body: body.toString() });
    },
    onEnd: () => {
      if (losses === 0) return;
      losses -= 1;
      last?.socket.resetAndDestroy();
    },
  });
  return {
    ...proxy,
    /** Every request that arrived. */
    received,
    /** Loses the answers to the next requests, which must not be sent at the same time. */
    lose: (count: number) => {
      losses = count;
    },
  };
};

/** What a scripted server does with one request. */
export type Script =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  /** Resets the connection, or never answers. */
  | 'reset'
  | 'silence';

/** A server that answers one request after the other as told, for what the real service does rarely. */
export const startScripted = async (...script: readonly Script[]) => {
  const received: { method: string; target: string; headers: Record<string, unknown>; body: string }[] = [];
  const server = createHandlerServer(async (request, response) => {
    const body = (await readBody(request, 1024 * 1024))?.toString() ?? '';
    received.push({
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      body,
    });
    const next = script[received.length - 1];
    if (next === undefined) throw new Error(`The client sent request ${received.length}.`);
    if (next === 'silence') return;
    if (next === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const text = typeof next.body === 'string' ? next.body : JSON.stringify(next.body ?? {});
    response.writeHead(next.status, next.headers).end(text);
  });
  return { ...(await listen(server)), received };
};

/** The error that a call of the client ends with. */
export const failureOf = async (call: Promise<unknown>): Promise<PhotoAvatarsError> => {
  const result: unknown = await call.catch((error: unknown) => error);
  if (!isPhotoAvatarsError(result))
    throw new Error('The call has not failed as the client fails.', { cause: result });
  return result;
};
