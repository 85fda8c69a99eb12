import * as z from 'zod';

const matcher = z.union([z.string(), z.strictObject({ prefix: z.string() })]);

/**
 * The part of EventBridge's patterns that is known here: lists of exact values and prefixes for text fields.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export const eventPattern = z.strictObject({
  source: z.array(matcher).optional(),
  'detail-type': z.array(matcher).optional(),
});

export type EventPattern = z.infer<typeof eventPattern>;

/** Whether every field that the pattern names has one of the values that it lists. */
export const matches = (
  pattern: EventPattern,
  event: { readonly source: string; readonly 'detail-type': string },
): boolean =>
  (['source', 'detail-type'] as const).every((field) => {
    const matchers = pattern[field];
    if (!matchers) return true;
    const value = event[field];
    return matchers.some((one) => (typeof one === 'string' ? value === one : value.startsWith(one.prefix)));
  });
