/** A field of the form, as the contract describes it. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly isRequired: boolean;
  /** The values to choose from. Absent: any text. */
  readonly choices?: readonly string[] | undefined;
  readonly maxLength?: number | undefined;
  readonly isUrl: boolean;
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly maxLength?: number;
  readonly format?: string;
}

const labelOf = (name: string): string => {
  const words = name.replaceAll('_', ' ').replace(/\burl\b/, 'URL');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The fields of a request in an OpenAPI document of the service. */
export const fieldsOf = (document: unknown): readonly FormField[] => {
  const { PhotoAvatarRequest: schema } = Object(Object(Object(document).components).schemas);
  const { properties = {}, required = [] } = Object(schema) as {
    properties?: Record<string, Property>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    label: labelOf(name),
    hint: property.description ?? '',
    isRequired: required.includes(name),
    choices: property.enum,
    maxLength: property.maxLength,
    isUrl: property.format === 'uri',
  }));
};

/** The values of the form as a person typed them. */
export type Values = Readonly<Record<string, string>>;

/** The request that the values make: without the fields that are empty. */
export const requestOf = (fields: readonly FormField[], values: Values): Record<string, string> =>
  Object.fromEntries(
    fields.flatMap(({ name }) => {
      const value = values[name]?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );

/** The labels of the required fields that have no value yet. */
export const missingOf = (fields: readonly FormField[], values: Values): readonly string[] =>
  fields
    .filter(({ name, isRequired }) => isRequired && !values[name])
    .map(({ label }) => label.toLowerCase());

/** A complete request for people who try the form. */
export const EXAMPLES: readonly Values[] = [
  {
    age: 'Adult',
    avatar_style: 'Professional',
    gender: 'Female',
    model: 'modern',
    aspect_ratio: 'portrait',
    background: 'a bright office with plants',
    appearance: 'short dark hair, glasses, a green blazer',
  },
  {
    age: 'Elderly',
    avatar_style: 'Social',
    gender: 'Male',
    model: 'modern',
    aspect_ratio: 'square',
    background: 'a beach at sunset',
    appearance: 'white beard, straw hat',
  },
  {
    age: 'Young adult',
    avatar_style: 'Social',
    gender: 'Female',
    model: 'classic',
    aspect_ratio: 'landscape',
    background: 'a park in spring',
    appearance: 'red hair, yellow scarf',
  },
];
