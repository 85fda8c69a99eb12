import type { IncomingMessage } from 'node:http';
import { createHandlerServer, listen, type RunningServer } from '../server.ts';
import { type Account, type Call, createAccount } from './account.ts';
import { type AccountHolder, type Control, createControl, serveControl } from './control.ts';
import { deliverAnswer } from './deliver.ts';
import { type Answer, describePhoto, describeQuota } from './endpoints.ts';
import { createImages } from './images.ts';
import { servePaidPost } from './paid-post.ts';
import { DEFAULT_SETTINGS, type SettingsPatch, settingsPatch, withPatch } from './settings.ts';

export interface SimulatorOptions {
  /** Overrides of `DEFAULT_SETTINGS`. */
  readonly settings?: SettingsPatch;
  /**
   * Epoch milliseconds, for rates and generations. Delays and slow answers use real time.
   *
   * @default Date.now
   */
  readonly now?: () => number;
}

export interface Simulator extends RunningServer {
  readonly control: Control;
}

const recordCall = (account: Account, request: IncomingMessage, arrivedAt: number): Call => {
  const { 'x-api-key': apiKey } = request.headers;
  const call: Call = {
    method: request.method ?? '',
    path: request.url ?? '',
    arrivedAt,
    apiKey: typeof apiKey === 'string' ? apiKey : null,
    body: null,
    fault: null,
    charged: false,
    answer: null,
  };
  account.calls.push(call);
  return call;
};

/**
 * Starts a simulator of JoggAI's documented photo avatar API, with one account. `serveControl` describes its control
 * API, `/_simulator`.
 *
 * @throws ZodError if the settings are invalid
 */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const { settings = {}, now = Date.now } = options;
  const initial = withPatch(DEFAULT_SETTINGS, settingsPatch.parse(settings));
  const holder: AccountHolder = { current: createAccount(initial) };
  const control = createControl(holder, initial);
  const stopping = new AbortController();
  const serveImage = createImages();
  let origin = '';

  const server = createHandlerServer(async (request, response) => {
    const url = URL.parse(request.url ?? '', origin);
    const { pathname = '', searchParams } = url ?? {};
    if (url && (pathname === '/_simulator' || pathname.startsWith('/_simulator/')))
      return serveControl(control, request, response, url);
    const account = holder.current;
    const serveFree = async (describe: (call: Call) => Answer) => {
      const call = recordCall(account, request, now());
      const answer = describe(call);
      call.answer = { status: answer.status, code: answer.body.code, at: now() };
      await deliverAnswer(response, answer, stopping.signal);
    };
    switch (`${request.method} ${pathname}`) {
      case 'POST /v2/photo_avatar/photo/generate': {
        const call = recordCall(account, request, now());
        return servePaidPost({ account, call, request, response, now, signal: stopping.signal });
      }
      case 'GET /v2/photo_avatar/photo': {
        const photoId = searchParams?.get('photo_id') ?? '';
        return serveFree(({ apiKey }) => describePhoto(account, apiKey, photoId, origin, now()));
      }
      case 'GET /v2/user/remaining_quota':
        return serveFree(({ apiKey }) => describeQuota(account, apiKey));
      default:
        serveImage(account, request, response, pathname, now());
    }
  });

  const running = await listen(server);
  origin = running.url;
  return {
    ...running,
    control,
    close: () => {
      stopping.abort();
      control.clearFaults();
      return running.close();
    },
  };
};
