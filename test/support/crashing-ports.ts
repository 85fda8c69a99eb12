import type { SubmissionPorts } from '../../lambda/domain/submission.ts';

/** What becomes of a process at one of its awaited calls. */
export const CRASHES = [
  /** The call fails before it did anything. */
  'fails',
  /** The call does what it should, and its answer gets lost. */
  'loses its answer',
  /** The process ends before the call did anything. */
  'kills before',
  /** The process ends after the call did what it should. */
  'kills after',
] as const;

export type Crash = (typeof CRASHES)[number];

/**
 * Ports of which the call at `index`, counted over all of them in the order of their beginning, ends in `crash`.
 * `crashed` resolves when the process has ended; `calls` tells how many calls there were; `through` is for other ports.
 */
export const crashingPorts = (index: number, crash: Crash) => {
  let calls = 0;
  const { promise: crashed, resolve: end } = Promise.withResolvers<'crashed'>();
  const gone = <Result>(): Promise<Result> => {
    end('crashed');
    return new Promise(() => {});
  };
  const lost = () => new Error('Connection lost.');

  const through = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const mine = calls;
    calls += 1;
    if (mine !== index) return call();
    if (crash === 'fails') throw lost();
    if (crash === 'kills before') return gone();
    await call();
    if (crash === 'kills after') return gone();
    throw lost();
  };

  const change = ({ ledger, gate, paidApi, apiKeys }: SubmissionPorts): Partial<SubmissionPorts> => ({
    ledger: {
      create: (record) => through(() => ledger.create(record)),
      replace: (record) => through(() => ledger.replace(record)),
      get: (id) => through(() => ledger.get(id)),
    },
    gate: {
      take: (taker) => through(() => gate.take(taker)),
      giveBack: (back) => through(() => gate.giveBack(back)),
    },
    paidApi: { generate: (request, options) => through(() => paidApi.generate(request, options)) },
    apiKeys: {
      current: () => through(() => apiKeys.current()),
      refreshed: () => through(() => apiKeys.refreshed()),
    },
  });
  return { change, through, crashed, calls: () => calls };
};
