import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE, type MetricName, SERVICE_DIMENSION } from '../lambda/shared/metrics.ts';

/** Requests that API Gateway answered with its own 5xx, counted from the access log. */
export const UNANSWERED = 'Unanswered';

/** A metric of a deployed service, emitted by its code or by a metric filter on its access log. */
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
