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
import { METRIC, type MetricName } from '../lambda/metrics.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import type { RequestQueue } from './request-queue.ts';
import type { ServiceFunction } from './service-function.ts';
import { serviceMetric } from './service-metrics.ts';

export interface ServiceDashboardProps {
  readonly serviceName: string;
  readonly alarms: readonly Alarm[];
  /** Lines in the graphs that show how near a limit is. */
  readonly limits: {
    readonly callsPerMinute: number;
    readonly dailyCallLimit: number;
    /** Credits. */
    readonly lowCreditThreshold: number;
  };
  readonly http: HttpEndpoint;
  readonly requests: RequestQueue;
  readonly functions: readonly ServiceFunction[];
}

/** A metric of the service by its name: the last value that dispatch gave it, or spread over what it measured. */
interface Reader {
  count(name: MetricName): Metric;
  gauge(name: MetricName, label: string): Metric;
  /** The median, and the value that only one of a hundred exceeds. */
  spread(name: MetricName, whose: string): Metric[];
}

const readerOf = (serviceName: string): Reader => ({
  count: (name) => serviceMetric(serviceName, name),
  gauge: (name, label) => serviceMetric(serviceName, name, { statistic: Stats.MAXIMUM, label }),
  spread: (name, whose) => [
    serviceMetric(serviceName, name, { statistic: Stats.p(50), label: `${whose}, median` }),
    serviceMetric(serviceName, name, { statistic: Stats.p(99), label: `${whose}, 99 of 100` }),
  ],
});

/** One page that answers, from top to bottom: is it working, what became of the requests, what is in the way. */
export class ServiceDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ServiceDashboardProps) {
    super(scope, id);
    const read = readerOf(props.serviceName);
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
    const rows: IWidget[][] = [
      [new AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...props.alarms] })],
      now(read),
      outcomes(read),
      durations(read, props.http),
      waiting(read, props.requests),
      limits(read, props.limits),
      machines(props),
    ];
    for (const row of rows) this.dashboard.addWidgets(...row);
  }
}

const graph = (title: string, left: readonly IMetric[], options: Omit<GraphWidgetProps, 'left'> = {}) =>
  new GraphWidget({ title, left: [...left], width: 12, leftYAxis: { min: 0 }, ...options });

const now = ({ gauge }: Reader): IWidget[] => [
  new SingleValueWidget({
    title: 'Now',
    width: 24,
    height: 3,
    metrics: [
      gauge(METRIC.oldestQueuedAge, 'Oldest in line (s)'),
      gauge(METRIC.slotsInUse, 'Slots in use'),
      gauge(METRIC.callsToday, 'Paid calls today (UTC)'),
      gauge(METRIC.creditsLeft, 'Credits left'),
    ],
  }),
];

const outcomes = ({ count }: Reader): IWidget[] => [
  graph(
    'What became of requests',
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
    'What stood in the way',
    [
      METRIC.insufficientCredit,
      METRIC.noPermission,
      METRIC.invalidApiKey,
      METRIC.missingApiKey,
      METRIC.rateLimited,
      METRIC.unexpectedError,
      METRIC.imageNotCopied,
      METRIC.unseenStatus,
    ].map(count),
  ),
];

const durations = ({ spread }: Reader, { api }: HttpEndpoint): IWidget[] => [
  graph('How long people wait for an answer (ms)', [
    api.metricLatency({ statistic: Stats.p(50), label: 'HTTP, median' }),
    api.metricLatency({ statistic: Stats.p(99), label: 'HTTP, 99 of 100' }),
    ...spread(METRIC.joggaiLatency, 'JoggAI'),
  ]),
  graph('How long a generation takes (ms)', spread(METRIC.generationTime, 'Generation')),
];

const waiting = ({ gauge }: Reader, { queue, deadLetterQueue }: RequestQueue): IWidget[] => [
  graph('Messages', [
    queue.metricApproximateNumberOfMessagesVisible({ label: 'On the queue' }),
    deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'Set aside' }),
  ]),
  graph('How long requests wait (s)', [
    queue.metricApproximateAgeOfOldestMessage({ label: 'On the queue, oldest' }),
    gauge(METRIC.oldestQueuedAge, 'In the ledger, oldest'),
  ]),
];

const limits = (
  { gauge }: Reader,
  { callsPerMinute, dailyCallLimit, lowCreditThreshold }: ServiceDashboardProps['limits'],
): IWidget[] => {
  const upTo = (value: number, label: string) => ({ width: 8, leftAnnotations: [{ value, label }] });
  return [
    graph('Rate', [gauge(METRIC.slotsInUse, 'Slots in use')], upTo(callsPerMinute, 'Calls a minute')),
    graph('Purse', [gauge(METRIC.callsToday, 'Paid calls today (UTC)')], upTo(dailyCallLimit, 'Daily limit')),
    graph('Credits', [gauge(METRIC.creditsLeft, 'Credits left')], upTo(lowCreditThreshold, 'Low')),
  ];
};

const machines = ({ http, functions }: ServiceDashboardProps): IWidget[] => [
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
