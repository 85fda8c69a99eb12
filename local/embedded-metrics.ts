import * as z from 'zod';
import { parseJson } from '../lambda/shared/parse-json.ts';

/**
 * A log line in CloudWatch's embedded metric format.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const metricLine = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ),
  }),
});

export interface MetricPoint {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

/** The metrics that CloudWatch extracts from a log line: one point for each set of dimensions. */
export const metricsIn = (line: string): MetricPoint[] => {
  const parsed = parseJson(metricLine, line);
  if (!parsed) return [];
  const { _aws, ...values } = parsed;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name, Unit }) =>
      Dimensions.map((names) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        dimensions: Object.fromEntries(names.map((dimension) => [dimension, values[dimension]])),
        value: values[Name],
      })),
    ),
  );
};
