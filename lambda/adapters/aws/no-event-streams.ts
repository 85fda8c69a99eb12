/**
 * Replaces `@smithy/core/event-streams` in the bundles, under the names that the SDK imports. No call of this service
 * streams events, but the real module would be loaded with every start: 19 kB of the api bundle, 20 kB of dispatch's.
 */
const absent = (): never => {
  throw new Error(
    'Event streams are not in the bundle. For an AWS call that streams events, take the alias of ' +
      '@smithy/core/event-streams out of lib/handler-code.ts.',
  );
};

export const EventStreamSerde = absent;
export const eventStreamSerdeProvider = absent;

/** The S3 client calls this in its constructor, also without streams, so it must not throw. */
export const resolveEventStreamSerdeConfig = <Config extends object>(config: Config): Config => config;
