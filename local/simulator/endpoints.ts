import { randomBytes } from 'node:crypto';
import type { Account, Photo } from './account.ts';
import type { Parameters } from './image/person.ts';
import { findParameterError, readParameters } from './parameters.ts';
import type { Admission } from './rate-limit.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: { readonly code: number; readonly msg: string; readonly data: unknown };
}

/** JoggAI's listed price of one generation is 0.2 credits. Whole hundredths avoid rounding errors. */
const PRICE_IN_HUNDREDTHS = 20;
const IMAGES_PER_PHOTO = 4;

const answer = (code: number, msg: string, data: unknown = null): Answer => ({
  status: 200,
  headers: {},
  body: { code, msg, data },
});

/** Refusals that apply to every call, also "no permission to call APIs". */
const findRefusal = ({ settings }: Account, apiKey: string | null): Answer | undefined => {
  if (apiKey === null || !settings.apiKeys.includes(apiKey)) return answer(10105, 'Invalid API key');
  if (!settings.permission) return answer(18025, 'No permission to call APIs');
  return undefined;
};

/** Counts a paid POST against its key's rate. @returns `undefined` if the account does not have the key */
export const admit = (
  { settings, rateLimit }: Account,
  apiKey: string | null,
  now: number,
): Admission | undefined =>
  apiKey !== null && settings.apiKeys.includes(apiKey)
    ? rateLimit.arrive(apiKey, now, settings.rate)
    : undefined;

const rateLimited = ({ settings }: Account, { retryAfterSeconds }: Admission): Answer => {
  const { retryAfter: place, httpStatus: status } = settings.rate;
  const wait = { retryAfter: retryAfterSeconds };
  const body = { code: 429, msg: 'Too many requests', data: place === 'data' ? wait : null };
  if (place === 'header') return { status, headers: { 'retry-after': String(retryAfterSeconds) }, body };
  return { status, headers: {}, body: place === 'body' ? { ...body, ...wait } : body };
};

/**
 * `POST /v2/photo_avatar/photo/generate`. JoggAI charges an accepted request at once.
 *
 * @param body the parsed JSON, or the text if it is not JSON
 */
export const generatePhoto = (
  account: Account,
  apiKey: string | null,
  admission: Admission | undefined,
  body: unknown,
  now: number,
): Answer => {
  if (admission?.admitted === false) return rateLimited(account, admission);
  const refusal = findRefusal(account, apiKey);
  if (refusal) return refusal;
  const parameterError = findParameterError(body);
  if (parameterError !== undefined) return answer(40000, `Parameter error: ${parameterError}`);
  const creditsLeft = Math.round(account.settings.credits * 100) - PRICE_IN_HUNDREDTHS;
  if (creditsLeft < 0) return answer(18020, 'Insufficient credit');
  account.settings = { ...account.settings, credits: creditsLeft / 100 };
  account.charges += 1;
  const photoId = `25-${randomBytes(16).toString('hex')}`;
  account.photos.set(photoId, {
    ...account.settings.generation,
    acceptedAt: now,
    parameters: readParameters(body),
  });
  return answer(0, 'Success', { photo_id: photoId });
};

const isFinished = (photo: Photo, now: number) => now >= photo.acceptedAt + photo.durationMs;
const imageKeys = (photoId: string) =>
  Array.from({ length: IMAGES_PER_PHOTO }, (_, index) => `${photoId}-${index + 1}`);

/**
 * `GET /v2/photo_avatar/photo?photo_id=`.
 *
 * @param origin the simulator's, which serves the images
 */
export const describePhoto = (
  account: Account,
  apiKey: string | null,
  photoId: string,
  origin: string,
  now: number,
): Answer => {
  const refusal = findRefusal(account, apiKey);
  if (refusal) return refusal;
  const photo = account.photos.get(photoId);
  if (photo === undefined) return answer(10104, 'Record not found');
  const data = {
    photo_id: photoId,
    status: 'in_progress',
    image_url_list: [],
    image_key_list: [],
    msg: null,
  };
  if (!isFinished(photo, now)) return answer(0, 'Success', data);
  if (photo.outcome.status === 'error')
    return answer(0, 'Success', { ...data, status: 'error', msg: photo.outcome.msg });
  const keys = imageKeys(photoId);
  return answer(0, 'Success', {
    ...data,
    status: 'success',
    image_url_list: keys.map((key) => `${origin}/images/${key}.png`),
    image_key_list: keys,
  });
};

/** What an image shows. Absent if it does not exist: its generation has not succeeded, or has no such image. */
export const findImage = (
  { photos }: Account,
  key: string,
  now: number,
): { parameters: Parameters; photoId: string; index: number; scale: number } | undefined => {
  const photoId = key.slice(0, key.lastIndexOf('-'));
  const photo = photos.get(photoId);
  const index = imageKeys(photoId).indexOf(key);
  if (photo === undefined || index < 0) return undefined;
  if (photo.outcome.status !== 'success' || !isFinished(photo, now)) return undefined;
  return { parameters: photo.parameters, photoId, index, scale: photo.imageScale };
};

/**
 * `GET /v2/user/remaining_quota`. JoggAI documents the answer. The path is an assumption of this project.
 */
export const describeQuota = (account: Account, apiKey: string | null): Answer =>
  findRefusal(account, apiKey) ?? answer(0, 'Success', { remaining_quota: account.settings.credits });
