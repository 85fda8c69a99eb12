import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmDefinition } from '../lambda/shared/alarms.ts';
import { type MonitoredService, serviceAlarm } from './service-alarm.ts';
import { serviceMetric } from './service-metrics.ts';

export interface MetricAlarmsProps extends MonitoredService {
  readonly definitions: readonly AlarmDefinition[];
}

const COMPARISON = {
  at_or_above: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  below: ComparisonOperator.LESS_THAN_THRESHOLD,
} as const satisfies Record<AlarmDefinition['comparison'], ComparisonOperator>;

const MISSING = {
  not_breaching: TreatMissingData.NOT_BREACHING,
  breaching: TreatMissingData.BREACHING,
  keep: TreatMissingData.IGNORE,
} as const satisfies Record<AlarmDefinition['missing'], TreatMissingData>;

/** Alarms on metrics that the functions publish. */
export class MetricAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { serviceName, onCall, definitions }: MetricAlarmsProps) {
    super(scope, id);
    this.alarms = definitions.map((definition) =>
      serviceAlarm(this, definition.id, {
        ...definition,
        metric: metricOf(serviceName, definition),
        comparisonOperator: COMPARISON[definition.comparison],
        treatMissingData: MISSING[definition.missing],
        onCall,
      }),
    );
  }
}

/** Ids in an expression begin in lower case. */
const idOf = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const metricOf = (serviceName: string, { metric, periodMinutes }: AlarmDefinition): IMetric => {
  const period = Duration.minutes(periodMinutes);
  if ('name' in metric) {
    return serviceMetric(serviceName, metric.name, { statistic: metric.statistic, period });
  }
  const { part, rest, minimum } = metric;
  const [one, other] = [idOf(part), idOf(rest)];
  return new MathExpression({
    expression: `IF(FILL(${one}, 0) >= ${minimum}, 100 * FILL(${one}, 0) / (FILL(${one}, 0) + FILL(${other}, 0)), 0)`,
    usingMetrics: { [one]: serviceMetric(serviceName, part), [other]: serviceMetric(serviceName, rest) },
    label: `${part} (%)`,
    period,
  });
};
