import * as z from 'zod/mini';
import type { Look } from '../domain/generation.ts';
import type { FreeApi } from '../domain/ports.ts';
import { type Exchange, exchange } from './exchange.ts';
import { envelope, readAnswer } from './joggai-envelope.ts';

export interface JoggAiReadsOptions {
  /** Origin, without a path: https://api.jogg.ai */
  readonly baseUrl: string;
  /** Told of a status that no documentation and no code has shown yet. */
  readonly onUnseenStatus: (status: string) => void;
  /** From the start of a read to its end, in milliseconds. @default 10000 */
  readonly timeoutMs?: number;
}

/**
 * JoggAI's documentation shows `success` for photos and names `in_progress` and `error`; its own tools take the other
 * words for an end, too, for all endpoints alike.
 */
const SUCCESS = new Set(['success', 'succeeded', 'completed']);
const FAILURE = new Set(['error', 'failed', 'cancelled', 'canceled']);
const RUNNING = new Set(['in_progress', 'processing', 'pending', 'queued']);

const texts = z.catch(z.nullish(z.array(z.string())), undefined);

const photoAnswer = envelope({
  data: z.catch(
    z.nullish(
      z.object({
        status: z.string(),
        image_url_list: texts,
        image_key_list: texts,
        msg: z.catch(z.nullish(z.string()), undefined),
      }),
    ),
    undefined,
  ),
});

const quotaAnswer = envelope({
  data: z.catch(z.nullish(z.object({ remaining_quota: z.coerce.number() })), undefined),
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
      const answer = readAnswer(photoAnswer, ended.body);
      if (!answer) return { kind: 'unavailable', cause: `HTTP ${ended.httpStatus} without a readable body` };
      if (answer.code !== 0 || !answer.data) return { kind: 'unavailable', cause: `code ${answer.code}` };
      return lookOf(answer.data, onUnseenStatus);
    },

    async creditsLeft(apiKey) {
      const ended = await get('/v2/user/remaining_quota', apiKey);
      const answer = ended.kind === 'answered' ? readAnswer(quotaAnswer, ended.body) : undefined;
      return answer?.code === 0 ? answer.data?.remaining_quota : undefined;
    },
  };
};

type PhotoData = NonNullable<z.infer<typeof photoAnswer>['data']>;

const lookOf = (data: PhotoData, onUnseenStatus: (status: string) => void): Look => {
  const status = data.status.toLowerCase();
  if (SUCCESS.has(status)) {
    const keys = data.image_key_list ?? [];
    const images = (data.image_url_list ?? []).map((url, at) => {
      const key = keys[at];
      return key === undefined ? { url } : { url, key };
    });
    return { kind: 'succeeded', images };
  }
  if (FAILURE.has(status)) return { kind: 'failed', message: data.msg ?? '' };
  if (!RUNNING.has(status)) onUnseenStatus(status.slice(0, 40));
  return { kind: 'running' };
};
