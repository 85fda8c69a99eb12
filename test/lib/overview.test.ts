import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createTelemetry } from '../../lambda/adapters/telemetry.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import { METRIC } from '../../lambda/shared/metrics.ts';
import { LOG_QUERIES } from '../../lib/log-queries.ts';
import { deployed, resources, theResource } from './synthesize.ts';

const { template, stack } = deployed({ dailyCallLimit: 700, lowCreditThreshold: 33 });
const { serviceName } = stack.photoAvatars;

describe('the dashboard', () => {
  const body = JSON.stringify(theResource(template, 'AWS::CloudWatch::Dashboard').Properties.DashboardBody);
  const notShown: string[] = [METRIC.refusedInvocation];

  it.each([
    ...Object.values(METRIC).filter((name) => !notShown.includes(name)),
    'ApproximateNumberOfMessagesVisible',
    'ApproximateAgeOfOldestMessage',
  ])('shows %s', (name) => {
    expect(body).toContain(`\\"${name}\\"`);
  });

  it('draws the configured limits', () => {
    for (const value of [20, 700, 33])
      expect(body).toContain(`\\"annotations\\":{\\"horizontal\\":[{\\"value\\":${value},`);
  });

  it('starts with all alarms', () => {
    const alarms = resources(template, 'AWS::CloudWatch::Alarm');
    const [first = ''] = body.split('\\"type\\":\\"metric\\"');
    for (const { logicalId } of alarms) expect(first).toContain(`"${logicalId}"`);
  });
});

describe('the saved log queries', () => {
  const definition = z.object({
    Name: z.string(),
    QueryString: z.string(),
    LogGroupNames: z.array(z.object({ Ref: z.string() })),
  });
  const queries = resources(template, 'AWS::Logs::QueryDefinition').map(({ Properties }) =>
    definition.parse(Properties),
  );

  it('are in a folder of the service and search the logs of all functions, by a correlation id also the access log', () => {
    expect(queries.map(({ Name }) => Name)).toEqual(
      Object.keys(LOG_QUERIES).map((name) => `${serviceName}/${name}`),
    );
    const groups = resources(template, 'AWS::Lambda::Function').map(
      ({ Properties }) => Object(Properties.LoggingConfig).LogGroup.Ref,
    );
    expect(groups).toHaveLength(3);
    const { DestinationArn } = Object(
      theResource(template, 'AWS::ApiGatewayV2::Stage').Properties.AccessLogSettings,
    );
    const accessLogs = DestinationArn['Fn::GetAtt'][0];
    for (const { Name, LogGroupNames } of queries) {
      const searched = Name.endsWith('/One correlation id') ? [...groups, accessLogs] : groups;
      expect(LogGroupNames.map(({ Ref }) => Ref).sort()).toEqual([...searched].sort());
    }
  });

  describe('select only fields that the code logs', () => {
    afterEach(() => vi.restoreAllMocks());

    /** The line that is logged. */
    const lineOf = (log: (telemetry: ReturnType<typeof createTelemetry>) => void) => {
      const streams = [process.stdout, process.stderr];
      const written = streams.map((stream) => vi.spyOn(stream, 'write').mockReturnValue(true));
      log(createTelemetry('any'));
      const texts = written.flatMap(({ mock }) => mock.calls.map(([chunk]) => String(chunk)));
      const line = texts.findLast((text) => text.includes('"level"'));
      return z.record(z.string(), z.unknown()).parse(JSON.parse(line ?? ''));
    };
    const record: AvatarRecord = {
      id: 'b7f0',
      version: 3,
      status: 'failed',
      source: 'queue',
      caller: 'queue',
      requestHash: '',
      createdAt: '2026-01-02T03:04:05.678Z',
      updatedAt: '2026-01-02T03:04:05.678Z',
      attempts: 1,
      charged: 'unknown',
      photoId: 'photo_123',
      error: { code: 'joggai_error', message: '', advice: '', joggai: { code: 50000, message: '' } },
      history: [],
    };
    /** Fields that CloudWatch or the invocation context adds. */
    const contextFields = ['@timestamp', '@message', 'function_name', 'function_request_id'];
    const loggedBy = (fields: readonly string[]) => fields.filter((field) => !contextFields.includes(field));

    it('one request', () => {
      const recorded = lineOf((telemetry) =>
        telemetry.outcomeRecorded(record, { kind: 'failed', code: 50000, message: '' }),
      );
      const called = lineOf(({ joggaiAnswered }) =>
        joggaiAnswered({
          recordId: record.id,
          outcome: 'failed',
          latencyMs: 12.4,
          httpStatus: 200,
          code: 50000,
          rid: 'rid-1',
        }),
      );
      const fields = Object.keys({ ...recorded, ...called });
      expect(fields).toEqual(expect.arrayContaining(loggedBy(LOG_QUERIES['One request'].fields)));
      expect([recorded.record_id, called.record_id]).toEqual([record.id, record.id]);
      expect(LOG_QUERIES['One request'].filterStatements[0]).toMatch(/^record_id = /);
    });

    it('JoggAI calls', () => {
      const line = lineOf(({ joggaiAnswered }) =>
        joggaiAnswered({ recordId: 'r', outcome: 'accepted', latencyMs: 12.4, httpStatus: 200, code: 0 }),
      );
      const { filterStatements, statsStatements } = LOG_QUERIES['JoggAI calls'];
      expect(filterStatements).toEqual([`message = "${line.message}"`]);
      const by = statsStatements[0]?.split(' by ')[1]?.split(', ') ?? [];
      expect(Object.keys(line)).toEqual(expect.arrayContaining([...by, 'latency_ms']));
    });

    it('errors', () => {
      const line = lineOf(({ failed }) => failed('Request failed', new TypeError('a message')));
      expect(LOG_QUERIES.Errors.filterStatements[0]).toMatch(`level = "${line.level}"`);
      expect(line.problem).toMatchObject({ name: 'TypeError' });
    });
  });
});
