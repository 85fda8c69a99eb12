import type { Command } from 'commander';
import * as z from 'zod/mini';
import {
  type PhotoAvatarRequest,
  photoAvatarRequest,
  REQUEST_FIELDS,
  readRequest,
} from '../lambda/domain/request/contract.ts';
import { didYouMean } from './closest.ts';
import { type InputError, usageError } from './exit-codes.ts';

/** The options that have a shorter name than their field. */
const SHORT_NAMES: Partial<Record<string, string>> = { avatar_style: 'style', aspect_ratio: 'ratio' };

interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  /** Its values, if it has a fixed list of them. */
  readonly choices: readonly string[];
}

const FIELDS: readonly Field[] = Object.entries(photoAvatarRequest.shape).map(([name, schema]) => {
  const value = schema instanceof z.ZodMiniOptional ? schema.def.innerType : schema;
  return {
    name,
    required: value === schema,
    description: z.globalRegistry.get(value)?.description ?? '',
    choices: value instanceof z.ZodMiniEnum ? value.options : [],
  };
});

export const flagOf = (field: string): string => `--${SHORT_NAMES[field] ?? field.replaceAll('_', '-')}`;

/** The name under which commander stores the value of an option. */
const attributeOf = (field: string): string =>
  flagOf(field)
    .slice(2)
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Adds an option for each field of a request, with its values from the contract. */
export const addRequestOptions = (command: Command): void => {
  for (const { name, required, description, choices } of FIELDS) {
    const values = choices.length > 0 ? ` ${choices.map((choice) => `"${choice}"`).join(', ')}.` : '';
    command.option(`${flagOf(name)} <value>`, `${description}${values}${required ? ' Required.' : ''}`);
  }
};

/** Adds the value that was probably meant to the message about one that does not exist. */
export const withGuess = (field: string, message: string, given: unknown): string =>
  message.includes('did you mean') || typeof given !== 'string'
    ? message
    : `${message}.${didYouMean(given, FIELDS.find(({ name }) => name === field)?.choices ?? [])}`;

/**
 * The request that the options describe.
 *
 * @throws CommandError with an error for each option
 */
export const requestIn = (options: Readonly<Record<string, unknown>>): PhotoAvatarRequest => {
  const fields = Object.fromEntries(
    REQUEST_FIELDS.map((field) => [field, options[attributeOf(field)]]).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const read = readRequest(fields);
  if (read.kind === 'valid') return read.request;
  const errors = read.errors.map(
    ({ field, message }): InputError => ({
      field: flagOf(field),
      message: withGuess(field, message, fields[field]),
    }),
  );
  throw usageError('The request is invalid. Nothing was sent.', errors);
};
