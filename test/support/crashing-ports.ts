import type { CompletionPorts } from '../../lambda/domain/generation/completion.ts';
import type { SubmissionPorts } from '../../lambda/domain/submission/submit.ts';

/** How one awaited call of a process goes wrong. */
export const CRASHES = [
  /** The call fails without an effect. */
  'fails',
  /** The call takes effect, and its answer is lost. */
  'loses its answer',
  /** The process ends before the call takes effect. */
  'kills before',
  /** The process ends after the call took effect. */
  'kills after',
] as const;

export type Crash = (typeof CRASHES)[number];

/**
 * Ports whose call number `index`, counted over all ports in the order of their start, ends in `crash`. `crashed`
 * resolves when the process has ended; `calls` returns the number of calls; `through` wraps calls of other ports.
 */
export const crashingPorts = (index: number, crash: Crash) => {
  let calls = 0;
  const { promise: crashed, resolve: end } = Promise.withResolvers<'crashed'>();
  const processEnds = <Result>(): Promise<Result> => {
    end('crashed');
    return new Promise(() => {});
  };
  const connectionLost = () => new Error('Connection lost.');

  const through = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const current = calls;
    calls += 1;
    if (current !== index) return call();
    if (crash === 'fails') throw connectionLost();
    if (crash === 'kills before') return processEnds();
    await call();
    if (crash === 'kills after') return processEnds();
    throw connectionLost();
  };

  const change = ({ ledger, gate, paidApi, apiKeys }: SubmissionPorts): Partial<SubmissionPorts> => ({
    ledger: {
      create: (record) => through(() => ledger.create(record)),
      replace: (record) => through(() => ledger.replace(record)),
      get: (id) => through(() => ledger.get(id)),
    },
    gate: {
      acquire: (request) => through(() => gate.acquire(request)),
      release: (slot) => through(() => gate.release(slot)),
    },
    paidApi: {
      ...paidApi,
      generate: (request, options) => through(() => paidApi.generate(request, options)),
    },
    apiKeys: {
      current: () => through(() => apiKeys.current()),
      refreshed: () => through(() => apiKeys.refreshed()),
    },
  });
  const changeCompletion = (ports: CompletionPorts): CompletionPorts => ({
    ...ports,
    ledger: {
      replace: (record) => through(() => ports.ledger.replace(record)),
      get: (id) => through(() => ports.ledger.get(id)),
      due: (...query) => through(() => ports.ledger.due(...query)),
    },
    freeApi: { generationStatus: (...poll) => through(() => ports.freeApi.generationStatus(...poll)) },
    apiKeys: { current: () => through(() => ports.apiKeys.current()) },
    images: {
      copy: (...image) => through(() => ports.images.copy(...image)),
      deleteAll: (prefix) => through(() => ports.images.deleteAll(prefix)),
    },
    publisher: { recordEnded: (record) => through(() => ports.publisher.recordEnded(record)) },
  });
  return { change, changeCompletion, through, crashed, calls: () => calls };
};
