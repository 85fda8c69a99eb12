import type { RecordView } from '../views/schemas.ts';

/**
 * Maximum size of the records in one response, in bytes. A function's response may have 6 MB, in which the body is one
 * escaped string. The rest is for the other fields.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_ITEMS_BYTES = 5 * 1024 * 1024;

/** The first of these records that fit one response together. */
export const fitting = (views: readonly RecordView[]): RecordView[] => {
  let bytes = 0;
  const end = views.findIndex((view) => {
    bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(view)));
    return bytes > MAX_ITEMS_BYTES;
  });
  // An item of DynamoDB has at most 400 kB, so one record always fits.
  return end < 0 ? [...views] : views.slice(0, Math.max(1, end));
};
