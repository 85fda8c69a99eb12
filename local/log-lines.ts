import * as z from 'zod';
import { parseJson } from '../lambda/shared/parse-json.ts';
import { metricsIn } from './embedded-metrics.ts';

const logLine = z.looseObject({
  level: z.string(),
  message: z.string(),
  timestamp: z.iso.datetime(),
  function_name: z.string().optional(),
});

/** Fields that Powertools adds to every line. They are the same for all lines of a local service. */
const OMITTED = new Set(['service', 'cold_start', 'sampling_rate', 'xray_trace_id']);

const isOmitted = (name: string): boolean => OMITTED.has(name) || name.startsWith('function_');

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * A log line of a function for people: time, level, function, message and the fields that differ.
 *
 * @returns `undefined` for metrics, and the line itself if it is no log line of the service
 */
export const readableLine = (line: string): string | undefined => {
  if (metricsIn(line).length > 0) return undefined;
  const parsed = parseJson(logLine, line);
  if (!parsed) return line;
  const { level, message, timestamp, function_name: name = '', ...rest } = parsed;
  const time = new Date(timestamp).toTimeString().slice(0, 8);
  const fields = Object.entries(rest).flatMap(([field, value]) =>
    value === undefined || isOmitted(field) ? [] : [`${field}=${textOf(value)}`],
  );
  return [time, level.padEnd(5), name.padEnd(8), message, ...fields].join(' ');
};
