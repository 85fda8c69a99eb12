import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { bundleHandler } from '../../lib/handler-code.ts';
import { measureOnce } from '../process/measure.ts';
import { withRemote } from '../remote/remote.ts';
import type { Report } from '../report.ts';
import { WARM_LATENCIES, WARM_PLAN } from './warm.ts';

const SHOWN = 10;

/** A profile of V8: the samples are ids of nodes, the deltas microseconds. */
const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
        columnNumber: z.number(),
      }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

type CallFrame = z.infer<typeof cpuProfile>['nodes'][number]['callFrame'];

/** Node's modules by subject. What is native is mostly system calls: writing, connecting and closing. */
const SUBJECTS: readonly (readonly [part: RegExp, subject: string])[] = [
  [/^node:(_?http|internal\/http)/, 'Node: http'],
  [/^node:.*stream|^node:net|^node:_?tls/, 'Node: sockets and streams'],
  [/^node:.*crypto/, 'Node: crypto'],
  [/^node:/, 'Node: events, timers and others'],
  [/^$/, 'native code and system calls'],
];

/** Ours is the folder, of a library the package. */
const partOf = (source: string): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? /lambda\/[^/]+/.exec(source)?.[0] ?? source;

/** Where the CPU time of a warm request goes. */
export const profile = async (): Promise<Report> => {
  const bundle = bundleHandler('api', { sourceMaps: true });
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle.code}.map`, 'utf8')));
  const groupOf = ({ functionName, url, lineNumber, columnNumber }: CallFrame): string | undefined => {
    if (functionName === '(idle)' || url === 'node:inspector') return undefined;
    if (functionName === '(garbage collector)') return 'garbage collection';
    if (!url.endsWith(bundle.code)) return SUBJECTS.find(([part]) => part.test(url))?.[1];
    const entry = map.findEntry(lineNumber, columnNumber);
    return partOf('originalSource' in entry ? entry.originalSource : '');
  };
  const directory = mkdtempSync(join(tmpdir(), 'profile-'));
  const selfMs = new Map<string, number>();
  try {
    await withRemote(WARM_LATENCIES, async (endpoints) => {
      for (let count = 0; count < WARM_PLAN.processes; count += 1) {
        const file = join(directory, `${count}.json`);
        await measureOnce({ name: 'ours', ...bundle }, endpoints, { ...WARM_PLAN, profile: file });
        const { nodes, samples, timeDeltas } = cpuProfile.parse(JSON.parse(readFileSync(file, 'utf8')));
        const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]));
        for (const [at, id] of samples.entries()) {
          const group = groups.get(id);
          if (group) selfMs.set(group, (selfMs.get(group) ?? 0) + (timeDeltas[at] ?? 0) / 1_000);
        }
      }
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
  const requests = WARM_PLAN.processes * (WARM_PLAN.requests - 1);
  const total = [...selfMs.values()].reduce((sum, ms) => sum + ms, 0);
  const row = (name: string, ms: number) => [
    name,
    (ms / requests).toFixed(2),
    `${((ms / total) * 100).toFixed(0)} %`,
  ];
  const largest = [...selfMs].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  return {
    title: 'CPU profile of a warm request, in milliseconds',
    method: `Time in each part itself, without what it calls. Mean of ${requests} requests. Sampling adds about a tenth.`,
    rows: [['part', 'CPU', 'share'], ...largest.map(([name, ms]) => row(name, ms)), row('total', total)],
  };
};
