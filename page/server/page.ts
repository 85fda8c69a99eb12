import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Auth, createAuthorize } from '../../client/authorize.ts';
import { ROUTES } from '../../lambda/shared/routes.ts';
import {
  type AlarmList,
  DATA_ROUTES,
  type LastHour,
  type PageSession,
  PREVIEW_ROUTE,
  TOKEN_HEADER,
} from '../contract.ts';
import { PageError, protect, sendError, sendValue } from './answers.ts';
import type { Assets } from './assets.ts';
import { refuseForeign } from './guard.ts';
import { passOn, type Upstream } from './pass-on.ts';
import { sendPreview } from './preview.ts';

/** What is known of the service's alarms and figures. The methods do not throw: they say why something is not known. */
export interface Monitor {
  alarms(): Promise<AlarmList>;
  lastHour(): Promise<LastHour>;
}

export interface PageOptions {
  readonly session: PageSession;
  readonly assets: Assets;
  /** The HTTP API, and how requests to it are authorized. */
  readonly api: { readonly url: string; readonly auth?: Auth | undefined };
  /** Origin of the simulator, if the page may control it. */
  readonly simulatorUrl?: string | undefined;
  readonly monitor: Monitor;
  /** CSP sources of the copies of images. */
  readonly pictureSources: readonly string[];
}

/** @returns whether the request was answered: `false` for a path that is not the page's */
export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface Page {
  readonly handle: PageHandler;
  /** The page's address on this origin, with the token. A browser never sends what is behind the `#`. */
  addressOn(origin: string): string;
}

const SIMULATOR_ROUTES = [
  'GET /_simulator',
  'PATCH /_simulator/settings',
  'POST /_simulator/faults',
  'DELETE /_simulator/faults',
  'POST /_simulator/reset',
];

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What is below a folder: the path with its slash, or with the query. */
const below = (folder: string, target: string): string | undefined => {
  const rest = target.startsWith(folder) ? target.slice(folder.length) : undefined;
  return rest !== undefined && /^([/?]|$)/.test(rest) ? rest : undefined;
};

/** The page and its data. Every request passes here first, also those that are not for the page. */
export const createPage = ({ session, assets, api, simulatorUrl, ...options }: PageOptions): Page => {
  const token = randomBytes(32).toString('base64url');
  const expected = digestOf(token);
  const upstream: Upstream = {
    url: api.url.replace(/\/$/, ''),
    authorize: createAuthorize(api.auth, new URL(api.url)),
    routes: ROUTES,
  };
  const simulator: Upstream | undefined = simulatorUrl
    ? { url: simulatorUrl, routes: SIMULATOR_ROUTES }
    : undefined;

  const hasToken = ({ headers }: IncomingMessage): boolean =>
    timingSafeEqual(digestOf(headers[TOKEN_HEADER]?.toString() ?? ''), expected);

  const values = new Map<string, () => unknown>([
    [DATA_ROUTES.session, () => session],
    [DATA_ROUTES.alarms, () => options.monitor.alarms()],
    [DATA_ROUTES.lastHour, () => options.monitor.lastHour()],
  ]);

  const serveData = async (
    target: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    if (!hasToken(request)) {
      throw new PageError(
        'token-required',
        'The token is missing, or it is that of an earlier start. Open the printed address; if it is gone, restart the command that printed it.',
      );
    }
    const apiTarget = below(DATA_ROUTES.api, target);
    if (apiTarget !== undefined) return passOn(upstream, apiTarget, request, response);
    const control = below(DATA_ROUTES.simulator, target);
    if (control !== undefined && simulator) {
      return passOn(simulator, `/_simulator${control}`, request, response);
    }
    const read = values.get(target);
    if (!read) throw new PageError('route-not-found', 'The page has no such route.');
    requireGet(request);
    sendValue(response, await read());
  };

  /** @returns whether the path is the page's */
  const serve: PageHandler = async (request, response) => {
    // Compared as it is: a path that is written in another way is not the page's.
    const { url: target = '' } = request;
    if (below('/console', target) !== undefined) {
      await serveData(target, request, response);
      return true;
    }
    const [path = '', query] = target.split(/\?(.*)/s);
    const asset = assets.get(path);
    if (!asset && path !== PREVIEW_ROUTE) return false;
    requireGet(request);
    if (asset) response.writeHead(200, { 'content-type': asset.type }).end(asset.content);
    else sendPreview(response, new URLSearchParams(query));
    return true;
  };

  return {
    addressOn: (origin) => `${origin}/#token=${token}`,

    async handle(request, response) {
      protect(response, options.pictureSources);
      try {
        refuseForeign(request);
        return await serve(request, response);
      } catch (error) {
        sendError(response, error);
        return true;
      }
    },
  };
};

/** @throws PageError for a method that changes something */
const requireGet = ({ method }: IncomingMessage): void => {
  if (method === 'GET' || method === 'HEAD') return;
  throw new PageError('method-not-allowed', 'Allowed: GET.', { allow: 'GET' });
};
