import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Endpoints, endpoints, type Latencies } from './endpoints.ts';

const mainPath = fileURLToPath(new URL('./main.ts', import.meta.url));

/**
 * Everything that a function calls, in a process of its own, so that its work is not counted as the function's.
 *
 * @throws Error when it cannot be started
 */
export const withFarSide = async <Result>(
  latencies: Latencies,
  use: (endpoints: Endpoints) => Promise<Result>,
): Promise<Result> => {
  const child = fork(mainPath, [JSON.stringify(latencies)], { execArgv: [] });
  const exited = once(child, 'exit');
  try {
    const [message] = await Promise.race([
      once(child, 'message'),
      exited.then(([code]) => {
        throw new Error(
          `The far side ended with exit code ${code} while it started. Its own error is above.`,
        );
      }),
    ]);
    return await use(endpoints.parse(message));
  } finally {
    child.kill();
    await exited;
  }
};
