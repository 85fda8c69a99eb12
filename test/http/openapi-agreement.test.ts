import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FREE_TEXT_LIMIT, readRequest, URL_LIMIT } from '../../lambda/domain/request/contract.ts';
import { IDEMPOTENCY_KEY } from '../../lambda/http/read-event.ts';
import { resolutionRequest } from '../../lambda/http/resolution-request.ts';
import { OPERATIONS, schemaErrors } from '../support/api-document.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

// What the document allows is taken, and what it forbids is refused.

const REQUEST = { $ref: '#/components/schemas/PhotoAvatarRequest' };
const RESOLUTION = { $ref: '#/components/schemas/ResolutionRequest' };

/** Texts as people, programs and attackers send them: blank, damaged, of other scripts, at the limit and beyond it. */
const texts = (limit: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.string({
      unit: fc.constantFrom(
        ' ',
        '\t',
        '\n',
        '\r',
        '\u000b',
        '\u001f',
        '\u0085',
        '\u00a0',
        '\u2028',
        '\u3000',
        '\ufeff',
        'x',
      ),
      maxLength: 4,
    }),
    fc.constantFrom('\ufffd', 'caf\ufffd', ' \ufffd ', '', 'é', '😀'),
    fc
      .record({
        unit: fc.constantFrom('x', ' ', '漢', '😀'),
        length: fc.integer({ min: limit - 2, max: limit + 2 }),
      })
      .map(({ unit, length }) => `${unit.repeat(length - 1)}y`),
  );

const values = fc.oneof(texts(FREE_TEXT_LIMIT), fc.constantFrom(null, 1, true, [], {}, 'Adult', 'adult'));

const changed = fc
  .record({ field: fc.constantFrom(...Object.keys(FULL_AVATAR), 'name'), value: values })
  .filter(({ field }) => field !== 'image_url')
  .map(({ field, value }) => ({ ...FULL_AVATAR, [field]: value }));

const urls = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc
    .record({
      scheme: fc.constantFrom(
        'https://',
        'http://',
        'HTTPS://',
        'http:/',
        'ftp://',
        '',
        '//',
        'http:///',
        ' https://',
      ),
      rest: fc.constantFrom(
        'x',
        '/x',
        '?x',
        'example.com/a b',
        'example.com/é.png',
        'x\\y',
        'x/\ufffd',
        'x/\u200by',
        'x\n',
      ),
    })
    .map(({ scheme, rest }) => scheme + rest),
  fc.integer({ min: -1, max: 1 }).map((over) => `https://x/${'😀'.repeat(URL_LIMIT - 10 + over)}`),
);

const isTaken = (value: unknown): boolean => readRequest(value).kind === 'valid';

describe('the description of a request', () => {
  it('allows what is taken, and forbids what is refused', () => {
    fc.assert(
      fc.property(changed, (value) => {
        expect(schemaErrors(REQUEST, value).length === 0, JSON.stringify(value).slice(0, 300)).toBe(
          isTaken(value),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('allows and forbids URLs as they are taken and refused', () => {
    fc.assert(
      fc.property(urls, (image_url) => {
        const value = { ...AVATAR, image_url };
        expect(schemaErrors(REQUEST, value).length === 0, image_url.slice(0, 300)).toBe(isTaken(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('requires the same fields', () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(FULL_AVATAR)), (fields) => {
        const value = Object.fromEntries(
          Object.entries(FULL_AVATAR).filter(([field]) => fields.includes(field)),
        );
        expect(schemaErrors(REQUEST, value).length === 0).toBe(isTaken(value));
      }),
    );
  });
});

describe('the description of a resolution', () => {
  it('allows what is taken, and forbids what is refused', () => {
    const versions = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, 2 ** 53, '1', null));
    const resolutions = fc.record({
      action: fc.constantFrom('close', 'resubmit', 'cancel'),
      version: versions,
      reason: texts(500),
    });
    fc.assert(
      fc.property(resolutions, (value) => {
        expect(schemaErrors(RESOLUTION, value).length === 0, JSON.stringify(value).slice(0, 300)).toBe(
          resolutionRequest.safeParse(value).success,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the description of a parameter', () => {
  let running: RunningService;
  beforeAll(async () => {
    running = await startRunningService();
  });
  afterAll(() => running.close());

  const schemaOf = (route: string, name: string) => {
    const found = OPERATIONS.get(route)?.parameters.find((each) => each.name === name);
    if (!found) throw new Error(`${route} has no ${name}.`);
    return found.schema;
  };

  it.each([
    ['limit', ['1', '100', '0', '101', '-1', '2.5', '1e1', '0x10', ' 5', '', 'many', '+5']],
    ['status', ['queued', 'Queued', '', 'done']],
    ['caller', ['someone', '', 'é', '漢'.repeat(1_000), 'x'.repeat(2_048), 'x'.repeat(2_049)]],
    ['cursor', ['']],
  ])('%s allows and forbids as the list takes and refuses', async (name, given) => {
    const schema = schemaOf('GET /photo-avatars', name);
    for (const text of given) {
      // A number in a query is its JSON text.
      const value = schema.type === 'integer' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
      const { status } = await running.call('GET', `/photo-avatars?${new URLSearchParams({ [name]: text })}`);
      expect(status, `${name}=${text.slice(0, 20)}`).toBe(
        schemaErrors(schema, value).length === 0 ? 200 : 400,
      );
    }
  });

  it('Idempotency-Key is the pattern by which keys are taken', () => {
    const schema = schemaOf('POST /photo-avatars', 'Idempotency-Key');
    const keys = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.string({ minLength: 254, maxLength: 258, unit: fc.constantFrom('k', '"') }),
      fc.constantFrom('"order-4711"', '""', 'order 4711', 'a,b', 'schlüssel'),
    );
    fc.assert(
      fc.property(keys, (key) => {
        expect(schemaErrors(schema, key).length === 0, key).toBe(IDEMPOTENCY_KEY.test(key));
      }),
    );
  });
});
