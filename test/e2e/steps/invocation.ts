import { chargesOf, invoke, outputOf, REQUEST, type World } from '../world.ts';

export const invokeDirectly = async (world: World): Promise<void> => {
  const { report, aws } = world;
  report.section('A direct invocation of the api function');
  const functionName = outputOf(world, 'ApiFunctionName');
  const before = chargesOf(world);
  const request = { ...REQUEST, idempotency_key: 'invoke-1' };
  const first = await invoke(aws, functionName, request);
  report.check(
    'it returns the record',
    first.json?.status === 'generating' && first.json.source === 'invoke',
  );
  const again = await invoke(aws, functionName, request);
  report.check('repeated under its key, it returns the same record', again.json?.id === first.json?.id);
  report.check('one call was charged', chargesOf(world) === before + 1);
  const wrong = await invoke(aws, functionName, { ...REQUEST, gender: 'female' });
  report.print(`${wrong.headers['x-amz-function-error']} · ${wrong.json?.errorMessage}`);
  report.check(
    'an invalid request returns an error with the field, and is not charged',
    wrong.headers['x-amz-function-error'] === 'Unhandled' &&
      wrong.json?.errorMessage.includes('gender') &&
      chargesOf(world) === before + 1,
  );
  if (wrong.json?.errorType === 'Runtime.HandlerError') {
    report.limitation('MiniStack replaces error names by Runtime.HandlerError: test/ checks the names.');
  } else {
    report.check('the error has the name InvalidRequest', wrong.json?.errorType === 'InvalidRequest');
  }
};
