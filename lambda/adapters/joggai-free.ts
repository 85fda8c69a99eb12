import * as z from 'zod/mini';
import type { Look } from '../domain/generation.ts';
import type { FreeApi } from '../domain/ports.ts';
import { valueIn } from '../json-text.ts';
import { type Exchange, exchange } from './exchange.ts';
import { envelope, presentable } from './joggai-envelope.ts';

export interface JoggAiReadsOptions {
  /** Origin, without a path: https://api.jogg.ai */
  readonly baseUrl: string;
  /** Told of a status, or of a number of pictures, that no documentation and no code has shown yet. */
  readonly onUnseenStatus: (status: string) => void;
  /** From the start of a read to its end, in milliseconds. @default 10000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * JoggAI's documentation shows `success` for photos and names `in_progress` and `error`; its own tools take the other
 * words for an end, too, for all endpoints alike.
 */
const SUCCESS = new Set(['success', 'succeeded', 'completed']);
const FAILURE = new Set(['error', 'failed', 'cancelled', 'canceled']);
const RUNNING = new Set(['in_progress', 'processing', 'pending', 'queued']);

/** Pictures kept of one generation, many times what JoggAI makes in a call: an item of the ledger has an end. */
const MOST_IMAGES = 32;

const LONGEST_URL = 4_096;
const LONGEST_KEY = 512;

/** One that is missing or too long is left out, and costs none of the others. */
const listOf = (longest: number) =>
  z.array(z.catch(z.nullable(z.string().check(z.minLength(1), z.maxLength(longest))), null));

// Made when first needed: no request for an avatar needs them.
const photoAnswer = z.lazy(() =>
  envelope({
    data: z.catch(
      z.nullish(
        z.object({
          status: z.pipe(z.union([z.string(), z.number()]), z.transform(String)),
          // `undefined` where it is not a list: pictures that were paid for may be in what cannot be read.
          image_url_list: z.catch(z.optional(z._default(z.nullable(listOf(LONGEST_URL)), [])), undefined),
          image_key_list: z.catch(z.nullish(listOf(LONGEST_KEY)), undefined),
          msg: z.catch(z.nullish(z.string()), undefined),
        }),
      ),
      undefined,
    ),
  }),
);

const quotaAnswer = z.lazy(() => {
  /** A number, also as text. Nothing else: an empty field is no credit of 0. */
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
export const createJoggAiReads = ({
  baseUrl,
  onUnseenStatus,
  timeoutMs = 10_000,
}: JoggAiReadsOptions): FreeApi => {
  const get = (path: string, apiKey: string): Promise<Exchange> =>
    exchange(new URL(path, baseUrl), {
      method: 'GET',
      headers: { 'x-api-key': apiKey },
      timeoutMs,
      connectTimeoutMs: timeoutMs / 2,
    });

  return {
    async photo(photoId, apiKey) {
      const query = new URLSearchParams({ photo_id: photoId });
      const ended = await get(`/v2/photo_avatar/photo?${query}`, apiKey);
      if (ended.kind !== 'answered') return { kind: 'unavailable', cause: ended.cause };
      const answer = valueIn(photoAnswer, ended.body);
      if (!answer) return { kind: 'unavailable', cause: `HTTP ${ended.httpStatus} without a readable body` };
      if (answer.code !== 0) return { kind: 'unavailable', cause: `code ${answer.code}` };
      if (!answer.data) return { kind: 'unavailable', cause: 'an answer without a status' };
      const look = lookOf(answer.data, onUnseenStatus);
      return look.kind === 'failed' ? { ...look, message: presentable(look.message, apiKey) } : look;
    },

    async creditsLeft(apiKey) {
      const ended = await get('/v2/user/remaining_quota', apiKey);
      const answer = ended.kind === 'answered' ? valueIn(quotaAnswer, ended.body) : undefined;
      return answer?.code === 0 ? answer.data?.remaining_quota : undefined;
    },
  };
};

type PhotoData = NonNullable<z.infer<typeof photoAnswer>['data']>;

const lookOf = (data: PhotoData, onUnseenStatus: (status: string) => void): Look => {
  const status = data.status.toLowerCase();
  if (SUCCESS.has(status)) {
    const { image_url_list: list, image_key_list: keys } = data;
    const urls = list ?? [];
    const images = urls.flatMap((url, at) => {
      const key = keys?.[at] ?? undefined;
      return url === null ? [] : [key === undefined ? { url } : { url, key }];
    });
    if (list === undefined || (images.length === 0 && urls.length > 0)) {
      return { kind: 'unavailable', cause: 'a success whose pictures cannot be read' };
    }
    if (images.length < urls.length || images.length > MOST_IMAGES) {
      onUnseenStatus(`success, ${images.length} of ${urls.length} pictures readable`);
    }
    return { kind: 'succeeded', images: images.slice(0, MOST_IMAGES) };
  }
  if (FAILURE.has(status)) return { kind: 'failed', message: data.msg ?? '' };
  if (!RUNNING.has(status)) onUnseenStatus(status.slice(0, 40));
  return { kind: 'running' };
};
