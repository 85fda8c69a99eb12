import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as z from 'zod/mini';
import { parseJson } from '../../lambda/shared/parse-json.ts';
import { usageError } from '../exit-codes.ts';

const holder = z.object({ pid: z.int(), host: z.string(), since: z.string() });

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const create = async (path: string): Promise<boolean> => {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(
      JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() }),
    );
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Locks a batch, so that two runs do not mix their progress. The lock of a process that ended is taken over.
 *
 * @returns unlocks it
 * @throws CommandError that says who holds it
 */
export const lockBatch = async (path: string): Promise<() => Promise<void>> => {
  const unlock = () => rm(path, { force: true });
  if (await create(path)) return unlock;
  const held = parseJson(holder, await readFile(path, 'utf8').catch(() => ''));
  if (held && held.host === hostname() && !isRunning(held.pid)) {
    await unlock();
    if (await create(path)) return unlock;
  }
  const who = held ? `process ${held.pid} on ${held.host} since ${held.since}` : 'another run';
  throw usageError(
    `${who} works on this batch. Nothing was sent. If it does not run any more, delete ${path}.`,
  );
};
