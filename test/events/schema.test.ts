import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNT_DETAIL_TYPES,
  ENDED_DETAIL_TYPES,
  isPhotoAvatarEvent,
  REQUEST_DETAIL_TYPE,
  validateRequestDetail,
} from '../../events/index.ts';
import { EVENTS, eventSchemaDocument } from '../../events/schemas.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import { checkRequest, picturesIn } from './receiver.ts';

const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
const text = read('events.schema.json');

const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(text));

const jsonIn = (page: string): unknown[] =>
  [...read(page).matchAll(/^```json\n(.*?)^```/gms)].map(([, block = '']) => {
    try {
      return JSON.parse(block);
    } catch {
      return undefined;
    }
  });

const requested = (detail: unknown) => ({ source: 'my.shop', 'detail-type': REQUEST_DETAIL_TYPE, detail });

const PUBLISHED = [...Object.values(ENDED_DETAIL_TYPES), ...Object.values(ACCOUNT_DETAIL_TYPES)];

describe('docs/events.schema.json', () => {
  it('matches the schemas of the code (to update it: npm run event-schema)', () => {
    expect(text, 'docs/events.schema.json is not up to date: npm run event-schema').toBe(
      `${JSON.stringify(eventSchemaDocument(), null, 2)}\n`,
    );
  });

  it('describes every event that the service publishes, and the one that it accepts', () => {
    expect(EVENTS.map(({ detailType }) => detailType)).toEqual([...PUBLISHED, REQUEST_DETAIL_TYPE]);
  });

  it('accepts every example of docs/events.md', () => {
    const examples = jsonIn('events.md').filter((value) => Object.hasOwn(Object(value), 'detail-type'));
    expect(examples.map((example) => Object(example)['detail-type']).sort()).toEqual([...PUBLISHED].sort());
    for (const example of examples) {
      expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
      expect(isPhotoAvatarEvent(example)).toBe(true);
    }
  });

  it('accepts the examples of docs/triggers.md', () => {
    const [[entry] = []] = jsonIn('triggers.md').filter((value) => Array.isArray(value));
    const { DetailType, Source, Detail } = Object(entry);
    const detail = JSON.parse(Detail);
    expect(validate({ source: Source, 'detail-type': DetailType, detail })).toBe(true);
    const [request] = jsonIn('triggers.md');
    expect(request).toHaveProperty('idempotency_key');
    expect(validate(requested(request))).toBe(true);
  });

  it.each([
    ['a field is missing', (detail: object) => ({ ...detail, images: undefined })],
    ['a field has another type', (detail: object) => ({ ...detail, version: '4' })],
    ['the status is that of another event', (detail: object) => ({ ...detail, status: 'failed' })],
    ['the schema version is another one', (detail: object) => ({ ...detail, schema_version: 2 })],
    ['a time is none', (detail: object) => ({ ...detail, ended_at: 'yesterday' })],
  ])('and isPhotoAvatarEvent refuse an event in which %s', (_, change) => {
    const example = jsonIn('events.md').find((value) => Object(value)['detail-type'] === PUBLISHED[0]);
    const { detail, ...event } = Object(example);
    const changed = JSON.parse(JSON.stringify({ ...event, detail: change(detail) }));
    expect([validate(changed), isPhotoAvatarEvent(changed)]).toEqual([false, false]);
    const withMore = { ...event, region: 'us-east-1', detail: { ...detail, new_field: 1 } };
    expect([validate(withMore), isPhotoAvatarEvent(withMore)]).toEqual([true, true]);
  });
});

describe('the detail of an event that requests an avatar', () => {
  it.each([
    ['the required fields', AVATAR],
    ['all fields', FULL_AVATAR],
    ['all that an event may add', { ...AVATAR, idempotency_key: 'k', correlation_id: 'c', service: 's' }],
  ])('is valid with %s, by the schema and by validateRequestDetail', (_, detail) => {
    expect(validateRequestDetail(detail)).toEqual([]);
    expect(validate(requested(detail))).toBe(true);
  });

  it.each([
    ['age', { ...AVATAR, age: 'adult' }],
    ['gender', { ...AVATAR, gender: undefined }],
    ['photo_url', { ...AVATAR, photo_url: 'https://example.com/face.png' }],
    ['image_url', { ...AVATAR, image_url: 'not a URL' }],
    ['appearance', { ...AVATAR, appearance: 'x'.repeat(2_001) }],
    ['idempotency_key', { ...AVATAR, idempotency_key: '' }],
    ['idempotency_key', { ...AVATAR, idempotency_key: 'x'.repeat(256) }],
    ['correlation_id', { ...AVATAR, correlation_id: 'free text' }],
    ['service', { ...AVATAR, service: 1 }],
    ['body', 'not an object'],
    ['body', null],
  ])('is refused for its %s, by the schema and by validateRequestDetail', (field, detail) => {
    expect(validateRequestDetail(detail).map((error) => error.field)).toContain(field);
    const sent: unknown = JSON.parse(JSON.stringify(detail));
    expect(validate(requested(sent))).toBe(false);
  });
});

describe('the program in docs/events.md', () => {
  it('is the one that is tested here', () => {
    const program = readFileSync(new URL('./receiver.ts', import.meta.url), 'utf8');
    const shown = program.replace('../../events/index.ts', 'photo-avatars/events');
    expect(read('events.md')).toContain(`\`\`\`ts\n${shown}\`\`\``);
  });

  it('finds the pictures of a success, and what is wrong with a request', () => {
    const [succeeded, failed] = jsonIn('events.md');
    expect(picturesIn(succeeded)).toEqual([
      'https://res.jogg.ai/photo/1.png',
      'https://res.jogg.ai/photo/2.png',
    ]);
    expect(picturesIn(failed)).toEqual([]);
    expect(picturesIn('no event')).toEqual([]);
    expect(() => checkRequest(AVATAR)).not.toThrow();
    expect(() => checkRequest({ ...AVATAR, style: 'Social' })).toThrow('the field is "avatar_style"');
  });
});
