import type { Parameters } from './image/person.ts';

/**
 * The parameters of `POST /v2/photo_avatar/photo/generate` in JoggAI's OpenAPI document (version 2.0.0). They are not
 * shared with the service, so that simulator and service verify each other. The document allows further properties.
 */
const REQUIRED: Record<string, readonly string[]> = {
  age: ['Teenager', 'Young adult', 'Adult', 'Elderly'],
  avatar_style: ['Professional', 'Social'],
  gender: ['Female', 'Male'],
  model: ['classic', 'modern'],
  aspect_ratio: ['portrait', 'landscape', 'square'],
};
const ETHNICITIES = [
  'European',
  'African',
  'South Asian',
  'East Asian',
  'Middle Eastern',
  'South American',
  'North American',
];
const TEXTS = ['background', 'appearance', 'image_url'];

/** The parameter error of a parsed request body, or `undefined` if JoggAI accepts it. */
export const findParameterError = (body: unknown): string | undefined => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'body must be a JSON object';
  const parameters = new Map<string, unknown>(Object.entries(body));
  for (const [name, allowed] of Object.entries(REQUIRED)) {
    if (!parameters.has(name)) return `${name} is required`;
    if (!allowed.some((value) => value === parameters.get(name)))
      return `${name} must be one of ${allowed.join(', ')}`;
  }
  if (parameters.has('ethnicity') && !ETHNICITIES.some((value) => value === parameters.get('ethnicity')))
    return `ethnicity must be one of ${ETHNICITIES.join(', ')}`;
  const notText = TEXTS.find((name) => parameters.has(name) && typeof parameters.get(name) !== 'string');
  return notText && `${notText} must be a string`;
};

/** The parameters of a valid body, for the images. Further properties may have any type. */
export const readParameters = (body: unknown): Parameters =>
  Object.fromEntries(
    Object.entries(body ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
