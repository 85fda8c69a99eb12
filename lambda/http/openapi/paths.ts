import { status } from '../../domain/record/record.ts';
import { photoAvatarRequest } from '../../domain/request/contract.ts';
import { CORRELATION_ID_LIMIT } from '../../domain/request/correlation.ts';
import { MAX_PARTITION_KEY_BYTES } from '../../shared/table.ts';
import { accountView, dryRun, recordList, recordView } from '../../views/schemas.ts';
import { accountPatch } from '../account-patch.ts';
import { IDEMPOTENCY_KEY } from '../read-event.ts';
import { resolutionRequest } from '../resolution-request.ts';
import { DEFAULT_LIST_LIMIT, MAX_LIST_LIMIT } from '../routes/records.ts';
import { RESPONSE_EXAMPLES } from './examples.ts';
import {
  answer,
  apiDescription,
  BODY_PROBLEMS,
  ID_PARAMETER,
  nothing,
  parameter,
  RECORD_LINKS,
  requestBody,
} from './parts.ts';
import type { Paths } from './roles.ts';

const RECORD_TAG = 'Photo avatars';
const DECISION_TAG = 'Decisions';
const ACCOUNT_TAG = 'Account';
const DESCRIPTION_TAG = 'Description';

export const TAGS = [
  { name: RECORD_TAG, description: 'Request photo avatars, and read what became of them.' },
  {
    name: DECISION_TAG,
    description: 'Decisions of people about a record: take it back, settle it, ask again, erase it.',
  },
  { name: ACCOUNT_TAG, description: 'The JoggAI account that pays: its rate, blocks and credit.' },
  { name: DESCRIPTION_TAG, description: 'This document.' },
];

/** The operations, except for what their routes and roles add. */
export const PATHS: Paths = {
  '/photo-avatars': {
    post: {
      operationId: 'createPhotoAvatar',
      tags: [RECORD_TAG],
      summary: 'Create a photo avatar',
      parameters: [
        parameter({
          in: 'header',
          name: 'Idempotency-Key',
          description:
            'Requests of one caller with the same key are one request. 1 to 255 visible ASCII characters without commas and quotes. ' +
            'Quotes around it do not count.',
          schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source.replaceAll('?:', '') },
          example: 'order-4711',
        }),
        parameter({
          in: 'header',
          name: 'Prefer',
          description:
            'respond-async: record the request and respond without waiting for JoggAI. Others are ignored.',
          schema: { type: 'string' },
          example: 'respond-async',
        }),
        parameter({
          in: 'header',
          name: 'X-Correlation-Id',
          description:
            `An id of the caller for the logs: 1 to ${CORRELATION_ID_LIMIT} letters, digits and the characters _ . : = -. ` +
            'Another value is ignored. Without it: the trace id of a traceparent, or the request id of API Gateway.',
          schema: { type: 'string' },
          example: 'order-4711',
        }),
        parameter({
          in: 'query',
          name: 'dry_run',
          description: 'true: check everything, but record and pay nothing.',
          schema: { type: 'boolean', default: false },
          example: false,
        }),
      ],
      requestBody: requestBody(photoAvatarRequest, ['minimal', 'full']),
      responses: {
        200: answer('The existing record of this Idempotency-Key, or the result of a dry run.', {
          schema: [recordView, dryRun],
          examples: ['succeeded', 'dry_run'],
          headers: ['Location', 'Idempotency-Replayed'],
        }),
        201: answer('JoggAI accepted the request: it is paid for and being generated.', {
          schema: recordView,
          examples: ['generating'],
          headers: ['Location'],
          links: RECORD_LINKS,
        }),
        202: answer('Recorded, and submitted as soon as JoggAI allows.', {
          schema: recordView,
          examples: ['queued'],
          headers: ['Location', 'Retry-After'],
          links: RECORD_LINKS,
        }),
      },
      problems: [
        ...BODY_PROBLEMS,
        'invalid-header',
        'insufficient-credit',
        'idempotency-key-reused',
        'rejected-by-joggai',
        'daily-limit-reached',
        'caller-limit-reached',
        'not-recorded',
        'no-permission',
        'invalid-api-key',
        'joggai-error',
        'paused',
        'api-key-missing',
        'unreadable-item',
        'in-doubt',
      ],
    },
    get: {
      operationId: 'listPhotoAvatars',
      tags: [RECORD_TAG],
      summary: 'List photo avatars, newest first',
      parameters: [
        parameter({
          in: 'query',
          name: 'status',
          description: 'Only records with this status.',
          schema: { type: 'string', enum: status.options },
          example: 'succeeded',
        }),
        parameter({
          in: 'query',
          name: 'caller',
          description: 'Only records of this caller, exactly as a record shows it.',
          schema: { type: 'string', minLength: 1, maxLength: MAX_PARTITION_KEY_BYTES },
          example: RESPONSE_EXAMPLES.queued.value.caller,
        }),
        parameter({
          in: 'query',
          name: 'limit',
          description: 'Maximum of records in a page. Large records make a page shorter.',
          schema: { type: 'integer', minimum: 1, maximum: MAX_LIST_LIMIT, default: DEFAULT_LIST_LIMIT },
          example: DEFAULT_LIST_LIMIT,
        }),
        parameter({
          in: 'query',
          name: 'cursor',
          description:
            'The next_cursor of the previous page, unchanged. For the first page, omit it. Any other text is answered 400.',
          schema: { type: 'string', minLength: 1 },
          example: RESPONSE_EXAMPLES.list.value.next_cursor,
        }),
      ],
      responses: {
        200: answer('A page of records.', {
          schema: recordList,
          examples: ['list'],
          links: {
            next: {
              operationId: 'listPhotoAvatars',
              parameters: { cursor: '$response.body#/next_cursor' },
            },
          },
        }),
      },
      problems: [],
    },
  },
  '/photo-avatars/{id}': {
    get: {
      operationId: 'getPhotoAvatar',
      tags: [RECORD_TAG],
      summary: 'Get a photo avatar',
      parameters: [ID_PARAMETER],
      responses: {
        200: answer('The record.', { schema: recordView, examples: ['succeeded', 'waiting'] }),
      },
      problems: ['not-found', 'unreadable-item'],
    },
    delete: {
      operationId: 'erasePhotoAvatar',
      tags: [DECISION_TAG],
      summary: 'Erase what a person said and showed in one that has ended',
      description:
        'Removes the request, the images and all that repeats them. The id, the key, the charge and the history stay, ' +
        'so that the key never pays again. A body is refused, except an object without fields.',
      parameters: [ID_PARAMETER],
      responses: {
        200: answer('The record, which is erased.', { schema: recordView, examples: ['erased'] }),
        202: answer('The record without its words. The copies of its images are being deleted.', {
          schema: recordView,
          examples: ['erasing'],
        }),
      },
      problems: [...BODY_PROBLEMS, 'not-found', 'not-erasable', 'unreadable-item'],
    },
  },
  '/photo-avatars/{id}/cancellation': {
    post: {
      operationId: 'cancelPhotoAvatar',
      tags: [DECISION_TAG],
      summary: 'Cancel one that is queued',
      parameters: [ID_PARAMETER],
      requestBody: requestBody(nothing, ['nothing']),
      responses: {
        200: answer('The cancelled record, also if it was cancelled before.', {
          schema: recordView,
          examples: ['cancelled'],
        }),
      },
      problems: [...BODY_PROBLEMS, 'not-found', 'not-cancellable', 'unreadable-item'],
    },
  },
  '/photo-avatars/{id}/resolution': {
    post: {
      operationId: 'resolvePhotoAvatar',
      tags: [DECISION_TAG],
      summary: 'Resolve one that failed or is in doubt',
      parameters: [ID_PARAMETER],
      requestBody: requestBody(resolutionRequest, ['close', 'resubmit']),
      responses: {
        200: answer('The record: queued again, or closed.', { schema: recordView, examples: ['closed'] }),
      },
      problems: [...BODY_PROBLEMS, 'not-found', 'not-resolvable', 'outdated-version', 'unreadable-item'],
    },
  },
  '/photo-avatars/{id}/refresh': {
    post: {
      operationId: 'refreshPhotoAvatar',
      tags: [DECISION_TAG],
      summary: 'Ask JoggAI again about one that it accepted, at no cost',
      parameters: [ID_PARAMETER],
      responses: {
        200: answer('The record as it is now.', {
          schema: recordView,
          examples: ['generating', 'succeeded'],
        }),
      },
      problems: ['not-found', 'not-refreshable', 'unreadable-item'],
    },
  },
  '/account': {
    get: {
      operationId: 'getAccount',
      tags: [ACCOUNT_TAG],
      summary: 'Get the state of the JoggAI account',
      responses: {
        200: answer('The state of the account.', {
          schema: accountView,
          examples: ['account', 'paused_account'],
        }),
      },
      problems: ['unreadable-item'],
    },
    patch: {
      operationId: 'pauseAccount',
      tags: [ACCOUNT_TAG],
      summary: 'Pause or resume all paid calls',
      requestBody: requestBody(accountPatch, ['pause_account', 'resume_account']),
      responses: {
        200: answer('The state of the account.', {
          schema: accountView,
          examples: ['paused_account', 'account'],
        }),
      },
      problems: [...BODY_PROBLEMS, 'unreadable-item'],
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'getOpenApi',
      tags: [DESCRIPTION_TAG],
      summary: 'This document',
      responses: {
        200: answer('This document.', { schema: apiDescription, examples: ['description'] }),
      },
      problems: [],
    },
  },
};
