import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
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
  readonly http: HttpEndpoint;
  readonly requests: RequestQueue;
  readonly functions: readonly ServiceFunction[];
}

/** One page that answers: is it working, what became of the requests, and how long do people wait. */
export class ServiceDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ServiceDashboardProps) {
    super(scope, id);
    const counts = (...names: readonly MetricName[]) =>
      names.map((name) => serviceMetric(props.serviceName, name));
    const { api } = props.http;
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
    this.dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...props.alarms] }),
    );
    this.dashboard.addWidgets(
      graph('What became of requests', [
        ...counts(METRIC.accepted, METRIC.queued, METRIC.failed, METRIC.inDoubt),
        ...counts(METRIC.invalidRequest, METRIC.parameterError),
      ]),
      graph(
        'What stood in the way',
        counts(
          METRIC.insufficientCredit,
          METRIC.noPermission,
          METRIC.invalidApiKey,
          METRIC.missingApiKey,
          METRIC.rateLimited,
          METRIC.unexpectedError,
        ),
      ),
    );
    const latency = serviceMetric(props.serviceName, METRIC.joggaiLatency);
    this.dashboard.addWidgets(
      graph('HTTP', [
        api.metricCount({ statistic: Stats.SUM }),
        api.metricClientError({ statistic: Stats.SUM }),
        api.metricServerError({ statistic: Stats.SUM }),
        props.http.metricUnanswered(),
      ]),
      graph('How long people wait (ms)', [
        api.metricLatency({ statistic: Stats.p(50), label: 'HTTP, median' }),
        api.metricLatency({ statistic: Stats.p(99), label: 'HTTP, 99 of 100' }),
        latency.with({ statistic: Stats.p(50), label: 'JoggAI, median' }),
        latency.with({ statistic: Stats.p(99), label: 'JoggAI, 99 of 100' }),
      ]),
    );
    const { queue, deadLetterQueue } = props.requests;
    const gauge = (name: MetricName, label: string) =>
      serviceMetric(props.serviceName, name, { statistic: Stats.MAXIMUM, label });
    this.dashboard.addWidgets(
      graph(
        'Messages',
        [
          queue.metricApproximateNumberOfMessagesVisible({ label: 'On the queue' }),
          deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'Set aside' }),
        ],
        6,
      ),
      graph(
        'How long requests wait (s)',
        [
          queue.metricApproximateAgeOfOldestMessage({ label: 'On the queue, oldest' }),
          gauge(METRIC.oldestQueuedAge, 'In the ledger, oldest'),
        ],
        6,
      ),
      graph('Slots in use', [gauge(METRIC.slotsInUse, 'Slots')], 6),
      graph('Paid calls today (UTC)', [gauge(METRIC.callsToday, 'Paid calls')], 6),
    );
    this.dashboard.addWidgets(
      graph(
        'Functions',
        props.functions.flatMap((each) => [
          each.function.metricInvocations(),
          each.metricErrors(),
          each.metricThrottles(),
        ]),
        24,
      ),
    );
  }
}

const graph = (title: string, left: readonly IMetric[], width = 12): GraphWidget =>
  new GraphWidget({ title, left: [...left], width });
