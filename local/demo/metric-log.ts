import * as z from 'zod';

/** A log line that CloudWatch turns into metrics. Source: the EMF specification. */
const emfLine = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

export interface MetricPoint {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

/** The metrics in a line that a function printed; none if it is an ordinary line. */
export const metricsIn = (line: string): MetricPoint[] => {
  const read = emfLine.safeParse(parse(line));
  if (!read.success) return [];
  const { _aws, ...values } = read.data;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.map(({ Name }) => ({
      namespace: Namespace,
      name: Name,
      dimensions: Object.fromEntries(Dimensions.flat().map((dimension) => [dimension, values[dimension]])),
      value: values[Name],
    })),
  );
};

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};
