import type { PhotoAvatarRequest } from '../../domain/request/contract.ts';
import type { AccountBody, DryRun, RecordView } from '../../views/schemas.ts';
import type { ResolutionRequest } from '../resolution-request.ts';

// The examples of the API's description. A test sends the requests to the service and compares what it answers.

const CALLER = 'arn:aws:sts::111122223333:assumed-role/shop/order-4711';
const OPERATOR = 'arn:aws:sts::111122223333:assumed-role/operators/anna';
const OWNER = 'http:arn:aws:sts::111122223333:assumed-role/shop';
const ID = '43de21ae-ff23-8f46-99e6-398680338df2';
const INVOCATION = 'afe2b630-29c1-4276-bb82-1a417c373edd';

const REQUEST: PhotoAvatarRequest = {
  age: 'Adult',
  avatar_style: 'Professional',
  gender: 'Female',
  model: 'modern',
  aspect_ratio: 'portrait',
};

const at = (time: string): string => `2026-11-27T${time}Z`;
const change = (version: number, status: RecordView['status'], time: string, note?: string) => ({
  status,
  at: at(time),
  by: INVOCATION,
  ...(note !== undefined && { note }),
  version,
});

const SUBMITTING = change(1, 'submitting', '10:00:00.000');
const GENERATING = change(2, 'generating', '10:00:01.254');

const record = (
  fields: Pick<RecordView, 'version' | 'status' | 'charged' | 'actions'> & Partial<RecordView>,
) => ({
  id: ID,
  request: REQUEST,
  source: 'http' as const,
  caller: CALLER,
  correlation_id: 'JKJaXmPLvHcESHA=',
  attempts: 1,
  created_at: at('10:00:00.000'),
  updated_at: at('10:00:01.254'),
  history: [SUBMITTING],
  ...fields,
});

const GENERATING_RECORD = record({
  version: 2,
  status: 'generating',
  charged: 'yes',
  photo_id: '25-43794e4c64c37d533c46ef846fd8f99e',
  actions: ['refresh'],
  idempotency_key: 'order-4711',
  history: [SUBMITTING, GENERATING],
});

const QUEUED_RECORD = record({
  version: 1,
  status: 'queued',
  charged: 'no',
  actions: ['cancel'],
  attempts: 0,
  history: [change(1, 'queued', '10:00:00.000')],
});

const CANCELLED_RECORD = record({
  version: 2,
  status: 'cancelled',
  charged: 'no',
  actions: [],
  attempts: 0,
  error: {
    code: 'cancelled',
    message: 'The request was cancelled while it was queued. Nothing was charged.',
    advice: 'If it is needed after all, send it under a new key.',
  },
  history: [
    change(1, 'queued', '10:00:00.000'),
    change(2, 'cancelled', '10:00:01.254', `cancelled by ${CALLER}`),
  ],
});

const { request: _erased, ...ERASING_RECORD } = record({
  ...CANCELLED_RECORD,
  version: 4,
  error: {
    code: 'cancelled',
    message: 'The request was cancelled while it was queued. Nothing was charged.',
    advice:
      'The request was erased, and its key only replays this record. If it is needed after all, send it under a new key.',
  },
  erasure: { by: OPERATOR, at: at('11:00:00.000') },
});

const ACCOUNT: AccountBody = {
  state: 'open',
  slots: { total: 20, in_use: 1 },
  calls_today: 1,
  daily_call_limit: 1000,
  credits: { left: 99.8, at: at('10:00:30.000') },
  checked_at: at('10:00:30.000'),
  joggai_url: 'https://api.jogg.ai',
};

/** An example, with the text that a list of examples shows. */
export interface Example<Value> {
  readonly summary: string;
  readonly value: Value;
}

export const example = <Value>(summary: string, value: Value): Example<Value> => ({ summary, value });

/** The bodies of requests, by the names that the description gives them. */
export const REQUEST_EXAMPLES = {
  minimal: example<PhotoAvatarRequest>('The required fields', REQUEST),
  full: example<PhotoAvatarRequest>('All fields', {
    ...REQUEST,
    ethnicity: 'South Asian',
    background: 'A bright office',
    appearance: 'Short hair, green jacket',
    image_url: 'https://example.com/face.png',
  }),
  close: example<ResolutionRequest>('End it as it is', {
    action: 'close',
    version: 2,
    reason: 'The photo is in the JoggAI dashboard and was delivered by hand.',
  }),
  resubmit: example<ResolutionRequest>('Send it again', {
    action: 'resubmit',
    version: 2,
    reason: 'The JoggAI dashboard shows neither the photo nor a charge.',
  }),
  pause_account: example('Pause all paid calls', { paused: true }),
  resume_account: example('Resume them', { paused: false }),
  nothing: example('Nothing, as some clients always send a body', {}),
};

/** The bodies of responses, by the names that the description gives them. */
export const RESPONSE_EXAMPLES = {
  generating: example<RecordView>('JoggAI generates it', GENERATING_RECORD),
  queued: example<RecordView>('It waits to be submitted', QUEUED_RECORD),
  waiting: example<RecordView>('It waits, behind others', { ...QUEUED_RECORD, position: { ahead: 12 } }),
  succeeded: example<RecordView>('It is done', {
    ...GENERATING_RECORD,
    version: 4,
    status: 'succeeded',
    actions: ['refresh', 'erase'],
    images: [
      {
        url: 'https://res.jogg.ai/images/25-43794e4c64c37d533c46ef846fd8f99e-1.png',
        key: '25-43794e4c64c37d533c46ef846fd8f99e-1',
        copy: {
          bucket: 'photoavatars-prod-images',
          key: `images/${ID}/1.png`,
          content_type: 'image/png',
          bytes: 1_482_113,
        },
        link: `https://photoavatars-prod-images.s3.us-east-1.amazonaws.com/images/${ID}/1.png?X-Amz-Expires=900&X-Amz-Signature=df1dce38`,
      },
    ],
    updated_at: at('10:03:12.758'),
    history: [SUBMITTING, GENERATING, change(3, 'succeeded', '10:03:12.569')],
  }),
  cancelled: example<RecordView>('It was cancelled', CANCELLED_RECORD),
  closed: example<RecordView>('A person closed it', {
    ...record({ version: 3, status: 'failed', charged: 'unknown', actions: [] }),
    error: {
      code: 'joggai_error',
      message: 'JoggAI answered with code 50000, which does not say whether it charged.',
      advice:
        'Look for the photo and the charge in the JoggAI dashboard before you send it again under a new key.',
      joggai_code: 50_000,
      joggai_message: 'internal error',
    },
    resolution: {
      action: 'close',
      by: OPERATOR,
      reason: REQUEST_EXAMPLES.close.value.reason,
      at: at('11:00:00.000'),
    },
    history: [
      SUBMITTING,
      change(2, 'failed', '10:00:01.254'),
      change(3, 'failed', '11:00:00.000', `closed by ${OPERATOR}`),
    ],
  }),
  erasing: example<RecordView>('The copies of its images are being deleted', ERASING_RECORD),
  erased: example<RecordView>('Nothing is left of what a person said and showed', {
    ...ERASING_RECORD,
    version: 5,
    erased_at: at('11:01:00.000'),
  }),
  list: example<{ items: RecordView[]; next_cursor: string }>('A page, and where the next one starts', {
    items: [QUEUED_RECORD],
    next_cursor: 'WyIyMDI2LTExLTI3VDEwOjAwOjAwLjAwMFoiLCI0M2RlMjFhZS1mZjIzLThmNDYtOTllNi0zOTg2ODAzMzhkZjIiXQ',
  }),
  dry_run: example<DryRun>('A dry run', {
    dry_run: true,
    request: REQUEST,
    api_key: 'present',
    account: ACCOUNT,
    owner: OWNER,
  }),
  account: example<AccountBody>('Calls are made', ACCOUNT),
  paused_account: example<AccountBody>('An operator paused all calls', {
    ...ACCOUNT,
    state: 'paused',
    since: at('11:00:00.000'),
    paused_by: OPERATOR,
  }),
  description: example('The head of this document', { openapi: '3.1.0', info: { title: 'Photo avatars' } }),
};
