import { chargesOf, invoke, outputOf, REQUEST, type World } from '../world.ts';

export const invokeDirectly = async (world: World): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('A direct invocation of the api function');
  const functionName = outputOf(world, 'ApiFunctionName');
  const before = chargesOf(world);
  const request = { ...REQUEST, idempotency_key: 'invoke-1' };
  const first = await invoke(aws, functionName, request);
  teller.check(
    'it returns the record',
    first.json?.status === 'generating' && first.json.source === 'invoke',
  );
  const again = await invoke(aws, functionName, request);
  teller.check('repeated under its key, it returns the same one', again.json?.id === first.json?.id);
  teller.check('one call was charged', chargesOf(world) === before + 1);
  const wrong = await invoke(aws, functionName, { ...REQUEST, gender: 'female' });
  teller.say(`${wrong.headers['x-amz-function-error']} · ${wrong.json?.errorMessage}`);
  teller.check(
    'an invalid request is an error that names the field, and costs nothing',
    wrong.headers['x-amz-function-error'] === 'Unhandled' &&
      wrong.json?.errorMessage.includes('gender') &&
      chargesOf(world) === before + 1,
  );
  if (wrong.json?.errorType === 'Runtime.HandlerError') {
    teller.remark(
      'MiniStack calls what a function throws Runtime.HandlerError: that it has a name, test/ checks.',
    );
  } else {
    teller.check('the error has a name to match', wrong.json?.errorType === 'InvalidRequest');
  }
};
