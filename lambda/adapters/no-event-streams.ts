/**
 * Stands in for `@smithy/core/event-streams` in the bundles, under the names that the SDK imports from it when a call
 * streams events. No call of this service does; the real module would be loaded with every start.
 */
const absent = (): never => {
  throw new Error(
    'Event streams are not in the bundle. For an AWS call that streams events, take the alias of ' +
      '@smithy/core/event-streams out of lib/handler-code.ts.',
  );
};

export const EventStreamSerde = absent;
export const eventStreamSerdeProvider = absent;

/** The S3 client sets this up whether or not it will ever stream: that may pass, a call that streams may not. */
export const resolveEventStreamSerdeConfig = <Config extends object>(config: Config): Config => config;
