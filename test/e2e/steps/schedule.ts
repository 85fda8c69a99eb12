import { callApi, functionOf, linesOf, outputOf, REQUEST, recordOf, until, type World } from '../world.ts';

/** A request that nobody but dispatch will submit. @returns the id of its record */
export const queueByHttp = async (world: World): Promise<string> => {
  const { teller, aws } = world;
  teller.chapter('A caller who does not wait: Prefer: respond-async');
  const headers = { prefer: 'respond-async' };
  const reply = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST, headers);
  teller.check('202, queued', reply.status === 202 && reply.json.status === 'queued');
  return reply.json.id;
};

export const awaitSchedule = async (world: World, queuedId: string, queuedAt: number): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('The schedule runs dispatch by itself');
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
  teller.check('a schedule invokes dispatch every minute', schedule?.ScheduleExpression === 'rate(1 minute)');
  teller.check('what fails is not repeated', schedule?.Target.RetryPolicy.MaximumRetryAttempts === 0);

  const submitted = await until(async () => {
    const record = await recordOf(world, queuedId);
    return record.charged === 'yes' ? record : undefined;
  });
  teller.check('the queued request is with JoggAI', submitted !== undefined);
  const by = submitted?.history.findLast(({ status }: { status: string }) => status === 'generating')?.by;
  const lines = await linesOf(world, functionName, queuedAt);
  teller.check(
    'dispatch submitted it: the record names its invocation',
    by !== undefined && lines.some((line) => line.includes(by)),
  );
};
