import { once } from 'node:events';
import { createHandlerServer, listen, readBody } from '../../local/server.ts';

export const STACK = 'PhotoAvatars-test';
export const ACCOUNT_ID = '111122223333';
export const REGION = 'eu-west-1';

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${resource}`;

export const TOPIC_ARN = arn('sns', 'alarms');

/** An alarm as CloudWatch describes it. */
const alarm = (MetricName: string, section: string, Threshold = 1) => ({
  AlarmName: `${STACK}-${MetricName}`,
  AlarmDescription: `What is wrong. See docs/operations.md#${section}`,
  MetricName,
  Threshold,
  StateValue: 'OK',
  ActionsEnabled: true,
  AlarmActions: [TOPIC_ARN],
});

/** A healthy deployment. A test changes what it is about. */
const healthy = (apiUrl: string) => ({
  outputs: {
    ApiUrl: apiUrl,
    TableName: 'ledger',
    AlarmTopic: TOPIC_ARN,
    PutApiKeyCommand: 'read -rs key && …',
  } as Record<string, string>,
  alarms: [
    alarm('CreditsLeft', 'low-credit', 10),
    alarm('CallsToday', 'daily-limit-near', 800),
    alarm('OldestQueuedAge', 'backlog', 21_600),
  ],
  subscriptions: [{ protocol: 'email', endpoint: 'oncall@example.com', isConfirmed: true }],
  /** Messages in each dead-letter queue. */
  deadLetters: { Requests: 0, Events: 0 } as Record<string, number>,
  schedule: 'ENABLED',
  rule: 'ENABLED',
  mapping: 'Enabled',
  pointInTimeRecovery: 'ENABLED',
  deletionProtection: true,
  /** Operations that are denied to the caller, or that fail. */
  denied: new Set<string>(),
  failing: new Set<string>(),
  /** Values of the last minutes, by metric and statistic: the newest first. */
  figures: {} as Record<string, readonly number[]>,
  /** What CloudWatch reports about a notification. */
  actionSummary: `Successfully executed action ${TOPIC_ARN}` as string | undefined,
});

export type DeploymentState = ReturnType<typeof healthy>;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const members = (items: readonly Record<string, string>[]): string =>
  items
    .map((item) => Object.entries(item).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`))
    .map((fields) => `<member>${fields.join('')}</member>`)
    .join('');
const xml = (operation: string, result: string): string =>
  `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;

const QUEUES = ['Requests', 'Events'];

type Resource = readonly [type: string, logicalId: string, physicalId: string];

const resourcesOf = ({ alarms }: DeploymentState, sqs: string): readonly Resource[] => [
  ...alarms.map(({ AlarmName, MetricName }) => ['AWS::CloudWatch::Alarm', MetricName, AlarmName] as const),
  ...QUEUES.flatMap((name) => [
    ['AWS::SQS::Queue', `${name}Queue`, `${sqs}/${name}`] as const,
    ['AWS::SQS::Queue', `${name}DeadLetters`, `${sqs}/${name}-dead`] as const,
  ]),
  ['AWS::Scheduler::Schedule', 'Schedule', 'the-schedule'],
  ['AWS::Events::Rule', 'RequestRule', 'app-bus|the-rule'],
  ['AWS::Lambda::EventSourceMapping', 'Mapping', 'b0a1c2d3-0000-4000-8000-000000000000'],
];

interface MetricDataInput {
  /** Seconds since the epoch. */
  readonly EndTime: number;
  readonly MetricDataQueries: readonly {
    readonly Id: string;
    readonly MetricStat: { readonly Metric: { readonly MetricName: string }; readonly Stat: string };
  }[];
}

/** The answer to each operation: XML for the query protocol, else JSON. */
const answersOf = (
  state: DeploymentState,
  history: object[],
  sqs: string,
): Record<string, (input: never) => string | object> => ({
  DescribeStacks: () => {
    const outputs = Object.entries(state.outputs).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
    }));
    const id = arn('cloudformation', `stack/${STACK}/1`);
    return xml(
      'DescribeStacks',
      `<Stacks><member><StackName>${STACK}</StackName><StackId>${id}</StackId><Outputs>${members(outputs)}</Outputs></member></Stacks>`,
    );
  },
  ListStackResources: () =>
    xml(
      'ListStackResources',
      `<StackResourceSummaries>${members(
        resourcesOf(state, sqs).map(([ResourceType, LogicalResourceId, PhysicalResourceId]) => ({
          ResourceType,
          LogicalResourceId,
          PhysicalResourceId,
        })),
      )}</StackResourceSummaries>`,
    ),
  DescribeAlarms: () => ({ MetricAlarms: state.alarms }),
  GetMetricData: ({ EndTime, MetricDataQueries }: MetricDataInput) => ({
    MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Metric, Stat } }) => {
      const Values = state.figures[`${Metric.MetricName} ${Stat}`] ?? [];
      const minute = Math.floor(EndTime / 60) * 60;
      return { Id, Label: Id, Values, Timestamps: Values.map((_, at) => minute - 60 * at) };
    }),
  }),
  DescribeAlarmHistory: () => ({ AlarmHistoryItems: history }),
  SetAlarmState: ({ AlarmName, StateValue }: { AlarmName: string; StateValue: string }) => {
    for (const each of state.alarms) if (each.AlarmName === AlarmName) each.StateValue = StateValue;
    if (StateValue === 'ALARM' && state.actionSummary !== undefined)
      history.unshift({
        Timestamp: Date.now() / 1_000,
        HistoryItemType: 'Action',
        HistorySummary: state.actionSummary,
      });
    return {};
  },
  ListSubscriptionsByTopic: () =>
    xml(
      'ListSubscriptionsByTopic',
      `<Subscriptions>${members(
        state.subscriptions.map(({ protocol, endpoint, isConfirmed }) => ({
          Protocol: protocol,
          Endpoint: endpoint,
          SubscriptionArn: isConfirmed ? `${TOPIC_ARN}:1` : 'PendingConfirmation',
        })),
      )}</Subscriptions>`,
    ),
  GetQueueAttributes: ({ QueueUrl }: { QueueUrl: string }) => {
    const name = QueueUrl.split('/').at(-1) ?? '';
    const isDeadLetters = name.endsWith('-dead');
    return {
      Attributes: {
        QueueArn: arn('sqs', name),
        ApproximateNumberOfMessages: String(isDeadLetters ? state.deadLetters[name.replace('-dead', '')] : 7),
        ...(!isDeadLetters && {
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('sqs', `${name}-dead`) }),
        }),
      },
    };
  },
  GetSchedule: () => ({ State: state.schedule }),
  DescribeRule: ({ Name, EventBusName }: { Name: string; EventBusName: string }) =>
    Name === 'the-rule' && EventBusName === 'app-bus' ? { State: state.rule } : {},
  GetEventSourceMapping: () => ({ State: state.mapping }),
  DescribeContinuousBackups: () => ({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: state.pointInTimeRecovery },
    },
  }),
  DescribeTable: () => ({ Table: { DeletionProtectionEnabled: state.deletionProtection } }),
});

/** The operation of a request, by the protocol of its service, and its input. */
const readCall = (
  path: string,
  target: string | undefined,
  body: string,
): [operation: string, input: unknown] => {
  if (target) return [target.split('.').at(-1) ?? '', JSON.parse(body)];
  if (path.startsWith('/schedules/')) return ['GetSchedule', {}];
  if (path.startsWith('/2015-03-31/event-source-mappings/')) return ['GetEventSourceMapping', {}];
  const form = new URLSearchParams(body);
  return [form.get('Action') ?? '', Object.fromEntries(form)];
};

/** The AWS APIs that describe a deployed stack, as one endpoint for all services. */
export const startDeployment = async (apiUrl: string) => {
  let state = healthy(apiUrl);
  const history: object[] = [];
  const calls: [operation: string, input: unknown][] = [];
  const server = createHandlerServer(async (request, response) => {
    const body = (await readBody(request, 1024 * 1024))?.toString() ?? '';
    const [operation, input] = readCall(request.url ?? '', request.headers['x-amz-target']?.toString(), body);
    calls.push([operation, input]);
    const message = `User: ${arn('iam', 'user/anna@example.com')} is not authorized with AKIAABCDEFGHIJKLMNOP`;
    const code = state.denied.has(operation)
      ? 'AccessDenied'
      : state.failing.has(operation)
        ? 'Broken'
        : undefined;
    const answer = answersOf(state, history, `http://${request.headers.host}/${ACCOUNT_ID}`)[operation];
    if (!answer) throw new Error(`The stand-in does not know ${operation}.`);
    if (code !== undefined) {
      const isQuery = body.startsWith('Action=') || body.includes('&Action=');
      response.writeHead(code === 'Broken' ? 400 : 403, { 'x-amzn-errortype': code });
      response.end(
        isQuery
          ? `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
          : JSON.stringify({ __type: code, message }),
      );
      return;
    }
    const result = answer(input as never);
    response.end(typeof result === 'string' ? result : JSON.stringify(result));
    await once(response, 'close');
  });
  const running = await listen(server);
  return {
    close: running.close,
    /** For the command line: the SDK finds this endpoint, and credentials. */
    env: {
      AWS_ENDPOINT_URL: running.url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'AKIAABCDEFGHIJKLMNOP',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
    calls,
    alarms: () => state.alarms,
    outputs: () => state.outputs,
    change: (changes: Partial<DeploymentState>) => {
      state = { ...state, ...changes };
    },
    /** As it was at the start. */
    reset: () => {
      state = healthy(apiUrl);
      history.length = 0;
      calls.length = 0;
    },
  };
};

export type Deployment = Awaited<ReturnType<typeof startDeployment>>;
