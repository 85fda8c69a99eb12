import * as z from 'zod/mini';
import type { FreeApi, GenerationStatus } from '../../domain/ports.ts';
import { envelope, readAnswer, shortened } from './envelope.ts';
import { connect, type Exchange } from './exchange.ts';

export interface FreeApiOptions {
  /** Origin, without a path: https://api.jogg.ai */
  readonly baseUrl: string;
  /** Called with a status, or a number of images, that is neither documented nor known from code. */
  readonly onUnseenStatus: (status: string) => void;
  /** From the start of a read to its end, in milliseconds. @default READ_TIMEOUT_MS */
  readonly timeoutMs?: number | undefined;
}

/** Short, because a hanging poll takes the place of others. It costs nothing to ask again. */
export const READ_TIMEOUT_MS = 5_000;

/**
 * JoggAI's documentation shows `success`, `in_progress` and `error` for photos. Its own tools accept the other words,
 * too, on all endpoints.
 */
const SUCCESS = new Set(['success', 'succeeded', 'completed']);
const FAILURE = new Set(['error', 'failed', 'cancelled', 'canceled']);
const RUNNING = new Set(['in_progress', 'processing', 'pending', 'queued']);

/** A status that may be logged. Any other text may repeat the caller's. */
const STATUS_TOKEN = /^([a-z_]{1,32}|\d{1,3})$/;

/** Images kept of one generation, many times what JoggAI makes in a call: a DynamoDB item holds 400 kB. */
const MAX_IMAGES = 32;

const MAX_URL = 4_096;
const MAX_KEY = 512;

/** An item that is missing or too long is left out; the others are kept. */
const listOf = (longest: number) =>
  z.array(z.catch(z.nullable(z.string().check(z.minLength(1), z.maxLength(longest))), null));

// Built on first use: a POST does not need these schemas.
const photoAnswer = z.lazy(() =>
  envelope({
    data: z.catch(
      z.nullish(
        z.object({
          status: z.pipe(z.union([z.string(), z.number()]), z.transform(String)),
          // `undefined` if it is not a list: paid images may be in what cannot be read.
          image_url_list: z.catch(z.optional(z._default(z.nullable(listOf(MAX_URL)), [])), undefined),
          image_key_list: z.catch(z.nullish(listOf(MAX_KEY)), undefined),
          msg: z.catch(z.nullish(z.string()), undefined),
        }),
      ),
      undefined,
    ),
  }),
);

const quotaAnswer = z.lazy(() => {
  /** A number, also as text. An empty field does not mean 0 credits. */
  const credits = z.union([
    z.number(),
    z.pipe(z.string().check(z.regex(/^-?\d+(\.\d+)?$/)), z.transform(Number)),
  ]);
  return envelope({ data: z.catch(z.nullish(z.object({ remaining_quota: credits })), undefined) });
});

/**
 * JoggAI's free GETs: they cost neither credits nor rate.
 * Source: https://docs.jogg.ai (API v2, Photo Avatar status; Remaining quota; Rate limits)
 */
export const createFreeApi = ({
  baseUrl,
  onUnseenStatus,
  timeoutMs = READ_TIMEOUT_MS,
}: FreeApiOptions): FreeApi => {
  const get = (path: string, apiKey: string): Promise<Exchange> =>
    connect(new URL(path, baseUrl), { method: 'GET', connectTimeoutMs: timeoutMs / 2 }).send({
      headers: { 'x-api-key': apiKey },
      timeoutMs,
    });

  return {
    async generationStatus(photoId, apiKey) {
      const query = new URLSearchParams({ photo_id: photoId });
      const ended = await get(`/v2/photo_avatar/photo?${query}`, apiKey);
      if (ended.kind !== 'answered') return { kind: 'unavailable', cause: ended.cause };
      const answer = readAnswer(photoAnswer, ended.body, apiKey);
      if (!answer) return { kind: 'unavailable', cause: `HTTP ${ended.httpStatus} without a readable body` };
      if (answer.code !== 0) return { kind: 'unavailable', cause: `code ${answer.code}` };
      if (!answer.data) return { kind: 'unavailable', cause: 'an answer without a status' };
      return statusOf(answer.data, onUnseenStatus);
    },

    async creditsLeft(apiKey) {
      const ended = await get('/v2/user/remaining_quota', apiKey);
      const answer = ended.kind === 'answered' ? readAnswer(quotaAnswer, ended.body, apiKey) : undefined;
      return answer?.code === 0 ? answer.data?.remaining_quota : undefined;
    },
  };
};

type PhotoData = NonNullable<z.infer<typeof photoAnswer>['data']>;

const statusOf = (data: PhotoData, onUnseenStatus: (status: string) => void): GenerationStatus => {
  const status = data.status.toLowerCase();
  if (SUCCESS.has(status)) {
    const { image_url_list: list, image_key_list: keys } = data;
    const urls = list ?? [];
    const images = urls.flatMap((url, at) => {
      const key = keys?.[at] ?? undefined;
      return url === null ? [] : [key === undefined ? { url } : { url, key }];
    });
    if (list === undefined || (images.length === 0 && urls.length > 0)) {
      return { kind: 'unavailable', cause: 'a success with unreadable images' };
    }
    if (images.length < urls.length || images.length > MAX_IMAGES) {
      onUnseenStatus(`success, ${images.length} of ${urls.length} images readable`);
    }
    return { kind: 'succeeded', images: images.slice(0, MAX_IMAGES) };
  }
  if (FAILURE.has(status)) return { kind: 'failed', message: shortened(data.msg ?? '') };
  if (!RUNNING.has(status)) onUnseenStatus(STATUS_TOKEN.test(status) ? status : 'not a plain word');
  return { kind: 'running' };
};
