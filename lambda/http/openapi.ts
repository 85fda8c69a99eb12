import * as z from 'zod';
import { status } from '../domain/record/record.ts';
import { photoAvatarRequest } from '../domain/request/contract.ts';
import { CORRELATION_ID_LIMIT } from '../domain/request/correlation.ts';
import { accountView, dryRun, recordList, recordView } from '../views/schemas.ts';
import { accountPatch } from './account-patch.ts';
import {
  answer,
  BODY_PROBLEMS,
  components,
  ID_PARAMETER,
  parameter,
  problems,
  reference,
  requestBody,
} from './openapi-parts.ts';
import { withRoles } from './openapi-roles.ts';
import { resolutionRequest } from './resolution-request.ts';
import { DEFAULT_LIST_LIMIT, MAX_LIST_LIMIT } from './routes/records.ts';

/** The OpenAPI document of this service's API, made from its schemas. */
export const openApiDocument = () => ({
  openapi: '3.1.0',
  info: {
    title: 'Photo avatars',
    version: '1.0.0',
    description:
      'JoggAI photo avatars, paid at most once. Every route needs authorization: requests are signed with AWS ' +
      'Signature Version 4 for the service execute-api, or carry a bearer token where the stack is configured so.',
  },
  paths: withRoles({
    '/photo-avatars': {
      post: {
        operationId: 'createPhotoAvatar',
        summary: 'Create a photo avatar',
        parameters: [
          parameter(
            'header',
            'Idempotency-Key',
            'Requests of one caller with the same key are one request. 1 to 255 visible ASCII characters.',
            { type: 'string', minLength: 1, maxLength: 255 },
          ),
          parameter(
            'header',
            'Prefer',
            'respond-async: record the request and respond without waiting for JoggAI.',
            {
              type: 'string',
            },
          ),
          parameter(
            'header',
            'X-Correlation-Id',
            `An id of the caller for the logs: 1 to ${CORRELATION_ID_LIMIT} letters, digits and the characters _ . : = -. Another value is ` +
              'ignored. Every response has the id that counts in the same header. Without it: the trace id of a traceparent, or the request id of API Gateway.',
            { type: 'string' },
          ),
          parameter('query', 'dry_run', 'true: check everything, but record and pay nothing.', {
            type: 'boolean',
          }),
        ],
        requestBody: requestBody(photoAvatarRequest),
        responses: {
          200: {
            description: 'The existing record of this Idempotency-Key, or the result of a dry run.',
            content: {
              'application/json': {
                schema: {
                  oneOf: [recordView, dryRun].map(reference),
                },
              },
            },
          },
          201: answer('JoggAI accepted the request: it is paid for and being generated.', recordView),
          202: answer('Recorded, and submitted as soon as JoggAI allows. See Retry-After.', recordView),
          ...problems(
            ...BODY_PROBLEMS,
            'invalid-header',
            'invalid-parameter',
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
            'unavailable',
            'in-doubt',
          ),
        },
      },
      get: {
        operationId: 'listPhotoAvatars',
        summary: 'List photo avatars, newest first',
        parameters: [
          parameter('query', 'status', 'Only records with this status.', z.toJSONSchema(status)),
          parameter('query', 'caller', 'Only records of this caller, exactly as a record shows it.', {
            type: 'string',
          }),
          parameter('query', 'limit', 'Maximum of records in a page. Large records make a page shorter.', {
            type: 'integer',
            minimum: 1,
            maximum: MAX_LIST_LIMIT,
            default: DEFAULT_LIST_LIMIT,
          }),
          parameter('query', 'cursor', 'The next_cursor of the previous page.', { type: 'string' }),
        ],
        responses: {
          200: answer('A page of records.', recordList),
          ...problems('invalid-parameter', 'unavailable'),
        },
      },
    },
    '/photo-avatars/{id}': {
      get: {
        operationId: 'getPhotoAvatar',
        summary: 'Get a photo avatar',
        parameters: [ID_PARAMETER],
        responses: {
          200: answer('The record.', recordView),
          ...problems('not-found', 'unreadable-item', 'unavailable'),
        },
      },
      delete: {
        operationId: 'erasePhotoAvatar',
        summary: 'Erase what a person said and showed in one that has ended',
        description:
          'Removes the request, the images and all that repeats them. The id, the key, the charge and the history stay, ' +
          'so that the key never pays again.',
        parameters: [ID_PARAMETER],
        responses: {
          200: answer('The record, which is erased.', recordView),
          202: answer(
            'The record without its words. The copies of its images are being deleted.',
            recordView,
          ),
          ...problems(...BODY_PROBLEMS, 'not-found', 'not-erasable', 'unreadable-item', 'unavailable'),
        },
      },
    },
    '/photo-avatars/{id}/cancellation': {
      post: {
        operationId: 'cancelPhotoAvatar',
        summary: 'Cancel one that is queued',
        parameters: [ID_PARAMETER],
        responses: {
          200: answer('The cancelled record, also if it was cancelled before.', recordView),
          ...problems(...BODY_PROBLEMS, 'not-found', 'not-cancellable', 'unreadable-item', 'unavailable'),
        },
      },
    },
    '/photo-avatars/{id}/resolution': {
      post: {
        operationId: 'resolvePhotoAvatar',
        summary: 'Resolve one that failed or is in doubt',
        parameters: [ID_PARAMETER],
        requestBody: requestBody(resolutionRequest),
        responses: {
          200: answer('The record: queued again, or closed.', recordView),
          ...problems(
            ...BODY_PROBLEMS,
            'not-found',
            'not-resolvable',
            'outdated-version',
            'unreadable-item',
            'unavailable',
          ),
        },
      },
    },
    '/photo-avatars/{id}/refresh': {
      post: {
        operationId: 'refreshPhotoAvatar',
        summary: 'Ask JoggAI again about one that it accepted, at no cost',
        parameters: [ID_PARAMETER],
        responses: {
          200: answer('The record as it is now.', recordView),
          ...problems('not-found', 'not-refreshable', 'unreadable-item', 'unavailable'),
        },
      },
    },
    '/account': {
      get: {
        operationId: 'getAccount',
        summary: 'Get the state of the JoggAI account',
        responses: {
          200: answer('The state of the account.', accountView),
          ...problems('unreadable-item', 'unavailable'),
        },
      },
      patch: {
        operationId: 'pauseAccount',
        summary: 'Pause or resume all paid calls',
        requestBody: requestBody(accountPatch),
        responses: {
          200: answer('The state of the account.', accountView),
          ...problems(...BODY_PROBLEMS, 'unreadable-item', 'unavailable'),
        },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        summary: 'This document',
        responses: {
          200: { description: 'This document.', content: { 'application/json': { schema: {} } } },
          ...problems(),
        },
      },
    },
  }),
  components: { schemas: components() },
});
