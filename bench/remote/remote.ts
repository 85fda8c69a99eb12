import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Endpoints, endpoints, type Latencies } from './endpoints.ts';

const mainPath = fileURLToPath(new URL('./main.ts', import.meta.url));

/**
 * Runs `use` with the services that a function calls. They run in a separate process, so that their CPU time is not
 * counted as the function's.
 *
 * @throws Error if the process cannot be started
 */
export const withRemote = async <Result>(
  latencies: Latencies,
  use: (endpoints: Endpoints) => Promise<Result>,
): Promise<Result> => {
  const child = fork(mainPath, [JSON.stringify(latencies)], { execArgv: [] });
  const exited = once(child, 'exit');
  try {
    const [message] = await Promise.race([
      once(child, 'message'),
      exited.then(([code]) => {
        throw new Error(`The remote services exited with code ${code} at start. See their error above.`);
      }),
    ]);
    return await use(endpoints.parse(message));
  } finally {
    child.kill();
    await exited;
  }
};
