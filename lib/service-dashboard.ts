import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  type Metric,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRIC, type MetricName } from '../lambda/shared/metrics.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import type { RequestQueue } from './request-queue.ts';
import type { ServiceFunction } from './service-function.ts';
import { serviceMetric } from './service-metrics.ts';

export interface ServiceDashboardProps {
  readonly serviceName: string;
  readonly alarms: readonly Alarm[];
  /** Drawn as lines in the graphs. */
  readonly limits: {
    readonly callsPerMinute: number;
    readonly dailyCallLimit: number;
    /** Credits. */
    readonly lowCreditThreshold: number;
  };
  readonly http: HttpEndpoint;
  /** By their names in the graphs. */
  readonly queues: Readonly<Record<string, RequestQueue>>;
  readonly functions: readonly ServiceFunction[];
}

/** Returns metrics of the service by their names. */
interface MetricReader {
  count(name: MetricName): Metric;
  gauge(name: MetricName, label: string): Metric;
  /** The median and the 99th percentile. */
  percentiles(name: MetricName, label: string): Metric[];
}

const metricReader = (serviceName: string): MetricReader => ({
  count: (name) => serviceMetric(serviceName, name),
  gauge: (name, label) => serviceMetric(serviceName, name, { statistic: Stats.MAXIMUM, label }),
  percentiles: (name, label) => [
    serviceMetric(serviceName, name, { statistic: Stats.p(50), label: `${label}, median` }),
    serviceMetric(serviceName, name, { statistic: Stats.p(99), label: `${label}, p99` }),
  ],
});

/** The dashboard, from top to bottom: alarms, current state, outcomes, latencies, queues, limits, infrastructure. */
export class ServiceDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ServiceDashboardProps) {
    super(scope, id);
    const metrics = metricReader(props.serviceName);
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
    const rows: IWidget[][] = [
      [new AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...props.alarms] })],
      now(metrics),
      outcomes(metrics),
      latencies(metrics, props.http),
      queues(metrics, props.queues),
      limits(metrics, props.limits),
      infrastructure(props),
    ];
    for (const row of rows) this.dashboard.addWidgets(...row);
  }
}

const graph = (title: string, left: readonly IMetric[], options: Omit<GraphWidgetProps, 'left'> = {}) =>
  new GraphWidget({ title, left: [...left], width: 12, leftYAxis: { min: 0 }, ...options });

const now = ({ gauge }: MetricReader): IWidget[] => [
  new SingleValueWidget({
    title: 'Now',
    width: 24,
    height: 3,
    metrics: [
      gauge(METRIC.oldestQueuedAge, 'Oldest queued request (s)'),
      gauge(METRIC.oldestGenerationOverdue, 'Oldest generation over its time limit (s)'),
      gauge(METRIC.slotsInUse, 'Slots in use'),
      gauge(METRIC.callsToday, 'Paid calls today (UTC)'),
      gauge(METRIC.creditsLeft, 'Credits left'),
      gauge(METRIC.backingOff, 'Backing off'),
    ],
  }),
];

const outcomes = ({ count }: MetricReader): IWidget[] => [
  graph(
    'Outcomes',
    [
      METRIC.accepted,
      METRIC.succeeded,
      METRIC.queued,
      METRIC.failed,
      METRIC.inDoubt,
      METRIC.invalidRequest,
      METRIC.parameterError,
    ].map(count),
  ),
  graph(
    'Rejections and errors',
    [
      METRIC.insufficientCredit,
      METRIC.noPermission,
      METRIC.invalidApiKey,
      METRIC.missingApiKey,
      METRIC.rateLimited,
      METRIC.unexpectedError,
      METRIC.unreadableItem,
      METRIC.imageNotCopied,
      METRIC.unseenStatus,
    ].map(count),
  ),
];

const latencies = ({ percentiles }: MetricReader, { api }: HttpEndpoint): IWidget[] => [
  graph('Response time (ms)', [
    api.metricLatency({ statistic: Stats.p(50), label: 'HTTP, median' }),
    api.metricLatency({ statistic: Stats.p(99), label: 'HTTP, p99' }),
    ...percentiles(METRIC.joggaiLatency, 'JoggAI'),
  ]),
  graph('Generation time (ms)', percentiles(METRIC.generationTime, 'Generation')),
];

const queues = ({ gauge }: MetricReader, named: ServiceDashboardProps['queues']): IWidget[] => [
  graph(
    'Messages',
    Object.entries(named).flatMap(([label, { queue, deadLetterQueue }]) => [
      queue.metricApproximateNumberOfMessagesVisible({ label }),
      deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: `${label}, dead letters` }),
    ]),
  ),
  graph('Age of the oldest request (s)', [
    ...Object.entries(named).map(([label, { queue }]) =>
      queue.metricApproximateAgeOfOldestMessage({ label }),
    ),
    gauge(METRIC.oldestQueuedAge, 'Ledger'),
  ]),
];

const limits = (
  { gauge }: MetricReader,
  { callsPerMinute, dailyCallLimit, lowCreditThreshold }: ServiceDashboardProps['limits'],
): IWidget[] => {
  const limitAt = (value: number, label: string) => ({ width: 8, leftAnnotations: [{ value, label }] });
  return [
    graph('Rate', [gauge(METRIC.slotsInUse, 'Slots in use')], limitAt(callsPerMinute, 'Calls per minute')),
    graph(
      'Budget',
      [gauge(METRIC.callsToday, 'Paid calls today (UTC)')],
      limitAt(dailyCallLimit, 'Daily limit'),
    ),
    graph(
      'Credits',
      [gauge(METRIC.creditsLeft, 'Credits left')],
      limitAt(lowCreditThreshold, 'Low-credit alarm'),
    ),
  ];
};

const infrastructure = ({ http, functions }: ServiceDashboardProps): IWidget[] => [
  graph('HTTP', [
    http.api.metricCount({ statistic: Stats.SUM }),
    http.api.metricClientError({ statistic: Stats.SUM }),
    http.api.metricServerError({ statistic: Stats.SUM }),
    http.metricUnanswered(),
  ]),
  graph(
    'Functions',
    functions.flatMap((each) => [
      each.function.metricInvocations(),
      each.metricErrors(),
      each.metricThrottles(),
    ]),
  ),
];
