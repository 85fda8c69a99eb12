import type { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import type { Template } from './toolkit.ts';

/** Changes a stack where the emulator does not know what AWS knows, and nowhere else. */
export const adapt = (stack: Stack): void => {
  for (const each of stack.node.findAll()) {
    if (each instanceof CfnQueryDefinition) each.node.scope?.node.tryRemoveChild(each.node.id);
    if (each instanceof CfnAlarm) watchOneMetric(each);
  }
};

/** In place of an expression, and under the same name, so that what refers to the alarm stays as it is. */
const watchOneMetric = (alarm: CfnAlarm): void => {
  if (!Array.isArray(alarm.metrics)) return;
  const stats = alarm.metrics.flatMap((query) => ('metricStat' in query ? [query.metricStat] : []));
  const first = stats.find((stat) => stat !== undefined);
  if (!first || !('metric' in first) || !('metricName' in first.metric)) {
    throw new Error(`${alarm.node.path} has no metric of its own.`);
  }
  alarm.metrics = undefined;
  alarm.namespace = first.metric.namespace;
  alarm.metricName = first.metric.metricName;
  alarm.dimensions = first.metric.dimensions;
  alarm.period = first.period;
  alarm.statistic = first.stat;
};

/** Why a resource of the project's own template is not deployed as it is; `undefined` if it has to be. */
export const reasonToDiffer = (resource: Template['Resources'][string] | undefined): string | undefined => {
  if (resource?.Type === 'AWS::Logs::QueryDefinition') return 'MiniStack has no saved queries';
  if (resource?.Type === 'AWS::CloudWatch::Alarm' && resource.Properties?.Metrics) {
    return 'MiniStack takes no metric math in an alarm, which watches one metric here';
  }
  return undefined;
};
