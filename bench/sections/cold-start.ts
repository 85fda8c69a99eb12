import { DEFAULTS } from '../../lib/defaults.ts';
import { measureVariants, type Plan } from '../process/measure.ts';
import type { Measured } from '../process/measured.ts';
import type { Latencies } from '../remote/endpoints.ts';
import { withRemote } from '../remote/remote.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';
import type { Variant } from '../variants.ts';

const PROCESSES = 15;
const LATENCIES: Latencies = { dynamoDb: 5, secretsManager: 5, joggai: 20 };

const MAX_IMPORT = 0.55;
const MAX_FIRST_ANSWER = 0.65;
const MAX_FIRST_ANSWER_ON_LAMBDA_CPU = 0.45;

const summarize = (runs: readonly Measured[]) => ({
  importMs: median(runs.map((run) => run.importMs)),
  readyMs: median(runs.map((run) => run.readyMs)),
  firstAnswerMs: median(runs.map((run) => run.firstAnswerMs)),
  cpuMs: median(runs.map((run) => run.firstAnswerCpuMs)),
});

/** 1,769 MB correspond to one vCPU. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const CPU_SHARE = DEFAULTS.memorySize / 1_769;

const compare = async (plan: Partial<Plan>) => {
  const results = await withRemote(LATENCIES, (endpoints) =>
    measureVariants(endpoints, { processes: PROCESSES, requests: 1, ...plan }),
  );
  const of = (name: Variant['name']) => summarize(results.get(name) ?? []);
  const ours = of('ours');
  const plain = of('plain');
  const row = (name: Variant['name']): string[] => {
    const { importMs, readyMs, firstAnswerMs, cpuMs } = of(name);
    return [
      name,
      importMs.toFixed(0),
      (importMs / plain.importMs).toFixed(2),
      readyMs.toFixed(0),
      firstAnswerMs.toFixed(0),
      (firstAnswerMs / plain.firstAnswerMs).toFixed(2),
      cpuMs.toFixed(0),
      (cpuMs / plain.cpuMs).toFixed(2),
    ];
  };
  return {
    ours,
    plain,
    rows: [
      ['variant', 'import', 'of plain', 'ready', 'first answer', 'of plain', 'CPU', 'of plain'],
      row('ours'),
      row('plain'),
      row('floor'),
    ],
  };
};

/** From the start of a process to its first answer. */
export const coldStart = async (): Promise<Report> => {
  const { ours, plain, rows } = await compare({});
  return {
    title: 'Cold start, in milliseconds',
    method:
      `Medians of ${PROCESSES} processes each, in turn. Ready and first answer count from the start of the process. ` +
      `DynamoDB and Secrets Manager answer after ${LATENCIES.dynamoDb} ms, JoggAI after ${LATENCIES.joggai} ms.`,
    rows,
    targets: [
      { name: 'import, of plain', value: ours.importMs / plain.importMs, max: MAX_IMPORT },
      {
        name: 'first answer, of plain',
        value: ours.firstAnswerMs / plain.firstAnswerMs,
        max: MAX_FIRST_ANSWER,
      },
    ],
  };
};

/** The same with Lambda's CPU: a whole CPU during the start, then the share that corresponds to the memory. */
export const coldStartOnLambdaCpu = async (): Promise<Report> => {
  const { ours, plain, rows } = await compare({ cpuShareOnceReady: CPU_SHARE });
  return {
    title: "Cold start on Lambda's CPU, in milliseconds",
    method:
      `The same, but each process is stopped for ${((1 - CPU_SHARE) * 100).toFixed(0)} % of the time once it is ready: ` +
      `the CPU share of ${DEFAULTS.memorySize} MB.`,
    rows,
    targets: [
      {
        name: 'first answer, of plain',
        value: ours.firstAnswerMs / plain.firstAnswerMs,
        max: MAX_FIRST_ANSWER_ON_LAMBDA_CPU,
      },
    ],
  };
};
