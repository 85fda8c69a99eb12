import type { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Alias, CfnAlias, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import type { Template } from './toolkit.ts';

/** Replaces only the parts of a stack that the emulator does not support. */
export const adapt = (stack: Stack): void => {
  for (const construct of stack.node.findAll()) {
    if (construct instanceof CfnQueryDefinition) construct.node.scope?.node.tryRemoveChild(construct.node.id);
    if (construct instanceof CfnAlarm) useSingleMetric(construct);
    if (construct instanceof Alias) useVersion(construct);
  }
};

/** MiniStack passes the version to a function, where AWS passes the alias of the invocation. */
const useVersion = ({ node, version }: Alias): void => {
  const { defaultChild } = node;
  if (!(defaultChild instanceof CfnAlias) || !(version.lambda instanceof LambdaFunction)) {
    throw new Error(`${node.path} is not an alias of a function of this stack.`);
  }
  defaultChild.functionVersion = version.lambda.currentVersion.version;
};

/** Replaces a metric expression by its first metric. The alarm keeps its logical id, so references to it stay valid. */
const useSingleMetric = (alarm: CfnAlarm): void => {
  if (!Array.isArray(alarm.metrics)) return;
  const stats = alarm.metrics.flatMap((query) => ('metricStat' in query ? [query.metricStat] : []));
  const first = stats.find((stat) => stat !== undefined);
  if (!first || !('metric' in first) || !('metricName' in first.metric)) {
    throw new Error(`${alarm.node.path} has no metric.`);
  }
  alarm.metrics = undefined;
  alarm.namespace = first.metric.namespace;
  alarm.metricName = first.metric.metricName;
  alarm.dimensions = first.metric.dimensions;
  alarm.period = first.period;
  alarm.statistic = first.stat;
};

/** The reason why a resource may differ from the project's template; `undefined` if it must not. */
export const reasonToDiffer = (resource: Template['Resources'][string] | undefined): string | undefined => {
  if (resource?.Type === 'AWS::Lambda::Alias' || resource?.Type === 'AWS::Lambda::Version') {
    return 'MiniStack passes the version instead of the alias to a function';
  }
  if (resource?.Type === 'AWS::Logs::QueryDefinition') return 'MiniStack does not support saved queries';
  if (resource?.Type === 'AWS::CloudWatch::Alarm' && resource.Properties?.Metrics) {
    return 'MiniStack does not support metric math in alarms: the alarm uses one metric here';
  }
  return undefined;
};
