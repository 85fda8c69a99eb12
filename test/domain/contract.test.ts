import { describe, expect, it } from 'vitest';
import {
  FREE_TEXT_LIMIT,
  photoAvatarRequest,
  readRequest,
  URL_LIMIT,
} from '../../lambda/domain/request/contract.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';

const errorsOf = (value: unknown) => {
  const read = readRequest(value);
  return read.kind === 'invalid' ? read.errors : [];
};

const messageFor = (value: unknown, field: string) => {
  const found = errorsOf(value).filter((error) => error.field === field);
  expect(found, `errors of ${field}`).toHaveLength(1);
  return found[0]?.message ?? '';
};

describe('a request', () => {
  it('requires five fields', () => {
    expect(readRequest(AVATAR)).toEqual({ kind: 'valid', request: AVATAR });
    expect(errorsOf({}).map(({ field }) => field)).toEqual(Object.keys(AVATAR));
  });

  it('may have all nine fields of the OpenAPI document', () => {
    expect(readRequest(FULL_AVATAR)).toEqual({ kind: 'valid', request: FULL_AVATAR });
    expect(Object.keys(photoAvatarRequest.shape).sort()).toEqual(Object.keys(FULL_AVATAR).sort());
  });

  it.each([
    ['age', ['Teenager', 'Young adult', 'Adult', 'Elderly']],
    ['avatar_style', ['Professional', 'Social']],
    ['gender', ['Female', 'Male']],
    ['model', ['classic', 'modern']],
    ['aspect_ratio', ['portrait', 'landscape', 'square']],
    [
      'ethnicity',
      [
        'European',
        'African',
        'South Asian',
        'East Asian',
        'Middle Eastern',
        'South American',
        'North American',
      ],
    ],
  ])('accepts each documented %s, and lists them all for another value', (field, values) => {
    for (const value of values) expect(readRequest({ ...AVATAR, [field]: value }).kind).toBe('valid');
    const message = messageFor({ ...AVATAR, [field]: 'Martian' }, field);
    for (const value of values) expect(message).toContain(`"${value}"`);
    expect(message).not.toContain('Martian');
  });

  it.each(Object.keys(AVATAR))('without %s is invalid, and the error lists the values', (field) => {
    expect(messageFor({ ...AVATAR, [field]: undefined }, field)).toMatch(/^is required and must be one of "/);
  });

  it('reports all errors at once', () => {
    const wrong = {
      age: 'adult',
      avatar_style: 'Professional',
      gender: 7,
      model: null,
      background: '',
      appearance: 'x'.repeat(FREE_TEXT_LIMIT + 1),
      image_url: 'face.png',
      photo_url: 'https://example.com/face.png',
      name: 'Someone',
    };
    expect(
      errorsOf(wrong)
        .map(({ field }) => field)
        .sort(),
    ).toEqual([
      'age',
      'appearance',
      'aspect_ratio',
      'background',
      'gender',
      'image_url',
      'model',
      'name',
      'photo_url',
    ]);
  });

  it.each([[null], [undefined], [[]], [[AVATAR]], ['text'], [1], [true]])(
    'that is %j instead of an object has one error for the body',
    (value) => {
      expect(errorsOf(value)).toEqual([{ field: 'body', message: expect.stringMatching(/./) }]);
    },
  );
});

describe('a value in the wrong case', () => {
  it.each([
    ['age', 'young adult', 'Young adult'],
    ['age', 'Young_Adult', 'Young adult'],
    ['gender', 'FEMALE', 'Female'],
    ['model', 'Modern', 'modern'],
    ['ethnicity', 'southasian', 'South Asian'],
  ])('of %s, %j, is invalid, with the suggestion "%s"', (field, value, meant) => {
    expect(messageFor({ ...AVATAR, [field]: value }, field)).toContain(`did you mean "${meant}"?`);
  });
});

describe('an unknown field', () => {
  it.each([
    ['photo_url', 'image_url'],
    ['photoUrl', 'image_url'],
    ['imageUrl', 'image_url'],
    ['IMAGE_URL', 'image_url'],
    ['avatarStyle', 'avatar_style'],
    ['style', 'avatar_style'],
    ['aspectRatio', 'aspect_ratio'],
    ['aspect-ratio', 'aspect_ratio'],
    ['age_group', 'age'],
    ['Gender', 'gender'],
    ['description', 'appearance'],
  ])('%s is invalid, with the suggestion %s', (given, meant) => {
    expect(messageFor({ ...AVATAR, [given]: 'x' }, given)).toContain(`the field is "${meant}"`);
  });

  it.each(['name', 'voice_id', 'dry_run', 'constructor'])(
    '%s is invalid, and the error lists the fields',
    (name) => {
      const message = messageFor({ ...AVATAR, [name]: 'Someone' }, name);
      for (const field of Object.keys(FULL_AVATAR)) expect(message).toContain(field);
      expect(message).not.toContain('Someone');
    },
  );
});

describe.each(['background', 'appearance'])('the free text %s', (field) => {
  it('is trimmed', () => {
    expect(readRequest({ ...AVATAR, [field]: ' \n a garden\t' })).toEqual({
      kind: 'valid',
      request: { ...AVATAR, [field]: 'a garden' },
    });
  });

  it('must not be empty after trimming', () => {
    for (const value of ['', '   ', '\n'])
      expect(messageFor({ ...AVATAR, [field]: value }, field)).toContain('must not be empty');
  });

  it('may be as long as the limit, but not longer', () => {
    expect(errorsOf({ ...AVATAR, [field]: 'x'.repeat(FREE_TEXT_LIMIT) })).toEqual([]);
    expect(messageFor({ ...AVATAR, [field]: 'x'.repeat(FREE_TEXT_LIMIT + 1) }, field)).toContain(
      String(FREE_TEXT_LIMIT),
    );
  });

  it.each([[1], [null], [['a garden']], [{}]])('is invalid if it is %j', (value) => {
    expect(messageFor({ ...AVATAR, [field]: value }, field)).toBe('must be a string');
  });
});

describe('image_url', () => {
  it.each([
    'https://example.com/face.png',
    'http://example.com/a%20b.png?x=1#y',
    'https://bucket.s3.amazonaws.com/k?X-Amz-Signature=abc',
    `https://example.com/${'x'.repeat(URL_LIMIT - 'https://example.com/'.length)}`,
  ])('may be %s', (image_url) => {
    expect(readRequest({ ...AVATAR, image_url })).toEqual({
      kind: 'valid',
      request: { ...AVATAR, image_url },
    });
  });

  it.each([
    'face.png',
    '',
    'ftp://example.com/a.png',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:image/png;base64,AA==',
    'https://',
  ])('must not be %j', (image_url) => {
    expect(messageFor({ ...AVATAR, image_url }, 'image_url')).toBe('must be an http or https URL');
  });

  it.each([7, null])('must not be %j, which is not a string', (image_url) => {
    expect(messageFor({ ...AVATAR, image_url }, 'image_url')).toBe('must be a string');
  });

  it('must not be longer than the limit', () => {
    const image_url = `https://example.com/${'x'.repeat(URL_LIMIT)}`;
    expect(messageFor({ ...AVATAR, image_url }, 'image_url')).toContain(String(URL_LIMIT));
  });
});
