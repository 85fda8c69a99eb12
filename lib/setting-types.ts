import * as z from 'zod';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Whether this is an origin without a path: `https://`, or `http://` on the loopback interface. */
export const isWebOrigin = (value: string): boolean => {
  const url = URL.parse(value);
  if (!url || url.origin !== value.replace(/\/$/, '')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
};

export const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });

export const listOf = (item: string) =>
  text(/^[^\s,]+(\s*,\s*[^\s,]+)*$/, `one ${item}, or several separated by commas`).transform((items) =>
    items.split(/\s*,\s*/),
  );

export const trueOrFalse = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean({ error: 'true or false' }),
);
