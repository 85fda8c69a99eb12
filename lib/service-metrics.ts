import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE, type MetricName, SERVICE_DIMENSION } from '../lambda/metrics.ts';

/** Requests that API Gateway got no answer for from the function, counted from the access log. */
export const UNANSWERED = 'Unanswered';

/** A metric of one deployed service: what its code emits, or a filter on its logs counts. */
export const serviceMetric = (
  serviceName: string,
  metricName: MetricName | typeof UNANSWERED,
  options?: MetricOptions,
): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { [SERVICE_DIMENSION]: serviceName },
    statistic: Stats.SUM,
    ...options,
  });
