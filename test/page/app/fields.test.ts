import { describe, expect, it } from 'vitest';
import document from '../../../docs/openapi.json' with { type: 'json' };
import { readRequest } from '../../../lambda/domain/request/contract.ts';
import { EXAMPLES, fieldsOf, missingOf, requestOf } from '../../../page/app/ask/fields.ts';

const fields = fieldsOf(document);

describe('the form', () => {
  it('has the fields of the contract, with their choices and limits', () => {
    const { properties, required } = document.components.schemas.PhotoAvatarRequest;
    expect(fields.map(({ name }) => name)).toEqual(Object.keys(properties));
    expect(fields.filter(({ isRequired }) => isRequired).map(({ name }) => name)).toEqual(required);
    const byName = Object.fromEntries(fields.map((field) => [field.name, field]));
    expect(byName.age).toMatchObject({ label: 'Age', choices: properties.age.enum });
    expect(byName.background).toMatchObject({ maxLength: 2_000, isUrl: false });
    expect(byName.image_url).toMatchObject({ label: 'Image URL', isUrl: true });
  });

  it('has no fields without a contract', () => {
    expect(fieldsOf({})).toEqual([]);
    expect(fieldsOf(undefined)).toEqual([]);
  });

  it('sends nothing for a field without a value', () => {
    expect(requestOf(fields, { age: 'Adult', background: '  ', appearance: ' a hat ', other: 'x' })).toEqual({
      age: 'Adult',
      appearance: 'a hat',
    });
  });

  it('names the required fields without a value', () => {
    expect(missingOf(fields, { age: 'Adult', gender: 'Male', model: 'modern' })).toEqual([
      'avatar style',
      'aspect ratio',
    ]);
  });

  it.each(EXAMPLES)('offers examples that the service accepts: $background', (example) => {
    expect(missingOf(fields, example)).toEqual([]);
    expect(readRequest(requestOf(fields, example)).kind).toBe('valid');
  });
});
