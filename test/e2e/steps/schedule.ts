import { callApi, functionOf, linesOf, outputOf, REQUEST, recordOf, type World, waitFor } from '../world.ts';

/** Queues a request that only dispatch submits. @returns the id of its record */
export const queueByHttp = async (world: World): Promise<string> => {
  const { report, aws } = world;
  report.section('An asynchronous request: Prefer: respond-async');
  const headers = { prefer: 'respond-async' };
  const reply = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST, headers);
  report.check('202, queued', reply.status === 202 && reply.json.status === 'queued');
  return reply.json.id;
};

export const awaitSchedule = async (world: World, queuedId: string, queuedAt: number): Promise<void> => {
  const { report, aws } = world;
  report.section('The schedule runs dispatch');
  const functionName = outputOf(world, 'DispatchFunctionName');
  const { FunctionArn } = await functionOf(world, functionName);
  const { json } = await aws.rest({ service: 'scheduler', method: 'GET', path: '/schedules' });
  const schedules = await Promise.all(
    json.Schedules.map(async ({ Name }: { Name: string }) => {
      const { json } = await aws.rest({ service: 'scheduler', method: 'GET', path: `/schedules/${Name}` });
      return json;
    }),
  );
  const schedule = schedules.find(({ Target }) => Target.Arn === FunctionArn);
  report.check('a schedule invokes dispatch every minute', schedule?.ScheduleExpression === 'rate(1 minute)');
  report.check('a failed run is not retried', schedule?.Target.RetryPolicy.MaximumRetryAttempts === 0);

  const submitted = await waitFor(async () => {
    const record = await recordOf(world, queuedId);
    return record.charged === 'yes' ? record : undefined;
  });
  report.check('the queued request is submitted to JoggAI', submitted !== undefined);
  const by = submitted?.history.findLast(({ status }: { status: string }) => status === 'generating')?.by;
  const lines = await linesOf(world, functionName, queuedAt);
  report.check(
    'dispatch submitted it: the record contains the invocation id',
    by !== undefined && lines.some((line) => line.includes(by)),
  );
};
