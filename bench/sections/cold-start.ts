import { DEFAULTS } from '../../lib/defaults.ts';
import type { Latencies } from '../far-side/endpoints.ts';
import { withFarSide } from '../far-side/far-side.ts';
import { measureVariants, type Plan } from '../process/measure.ts';
import type { Measured } from '../process/measured.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';
import type { Variant } from '../variants.ts';

const PROCESSES = 15;
const LATENCIES: Latencies = { dynamoDb: 5, secretsManager: 5, joggai: 20 };

const MOST_IMPORT = 0.55;
const MOST_FIRST_ANSWER = 0.7;

const summarize = (runs: readonly Measured[]) => ({
  importMs: median(runs.map((run) => run.importMs)),
  readyMs: median(runs.map((run) => run.readyMs)),
  firstAnswerMs: median(runs.map((run) => run.firstAnswerMs)),
  cpuMs: median(runs.map((run) => run.firstAnswerCpuMs)),
});

/** One vCPU is what 1,769 MB buy. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const CPU_SHARE = DEFAULTS.memorySize / 1_769;

const compare = async (plan: Partial<Plan>) => {
  const results = await withFarSide(LATENCIES, (endpoints) =>
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

/** From the start of a process to the answer to its first request. */
export const coldStart = async (): Promise<Report> => {
  const { ours, plain, rows } = await compare({});
  return {
    title: 'Cold start, in milliseconds',
    about:
      `Medians of ${PROCESSES} fresh processes each, in turn. Ready and first answer: since the start of the process. ` +
      `DynamoDB and Secrets Manager answer after ${LATENCIES.dynamoDb} ms, JoggAI after ${LATENCIES.joggai} ms.`,
    rows,
    targets: [
      { what: 'import, of plain', found: ours.importMs / plain.importMs, atMost: MOST_IMPORT },
      {
        what: 'first answer, of plain',
        found: ours.firstAnswerMs / plain.firstAnswerMs,
        atMost: MOST_FIRST_ANSWER,
      },
    ],
  };
};

/** The same with the CPU that Lambda gives a function: all of it while it starts, and then what its memory buys. */
export const coldStartOnLambdasCpu = async (): Promise<Report> => {
  const { rows } = await compare({ cpuShareOnceReady: CPU_SHARE });
  return {
    title: "Cold start on Lambda's CPU, in milliseconds",
    about:
      `The same, but once it is ready each process is stopped for ${((1 - CPU_SHARE) * 100).toFixed(0)} % of the time: ` +
      `${DEFAULTS.memorySize} MB buy no more of a CPU.`,
    rows,
  };
};
