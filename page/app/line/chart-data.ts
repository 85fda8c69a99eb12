import type { LastHour } from '../../contract.ts';
import { durationText } from '../text/durations.ts';

export type SeriesName = Exclude<keyof LastHour, 'from' | 'unavailable'>;

type Points = readonly (number | null)[];

/** The sum of what was measured. */
export const totalOf = (points: Points): number =>
  points.reduce<number>((sum, value) => sum + (value ?? 0), 0);

export const highestOf = (points: Points): number => Math.max(0, ...points.map((value) => value ?? 0));

/** The end of the scale: a round number that the highest value fits below. */
export const scaleOf = (highest: number): number => {
  if (highest <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= highest) ?? 10;
  return step * power;
};

export interface Bar {
  readonly y: number;
  readonly height: number;
  readonly series: SeriesName;
}

/** The bars of one minute on top of each other, in a box of that height. */
export const stackOf = (
  hour: LastHour,
  minute: number,
  series: readonly SeriesName[],
  scale: number,
  boxHeight: number,
): readonly Bar[] => {
  let top = boxHeight;
  return series.flatMap((name) => {
    const height = ((hour[name][minute] ?? 0) / scale) * boxHeight;
    if (height <= 0) return [];
    top -= height;
    return [{ y: top, height, series: name }];
  });
};

/** The sum of some series in each minute. */
export const sumsOf = (hour: LastHour, series: readonly SeriesName[]): readonly number[] =>
  hour.from === ''
    ? []
    : hour.calls.map((_, minute) => series.reduce((sum, name) => sum + (hour[name][minute] ?? 0), 0));

/** The start of a minute of the hour, in epoch milliseconds. */
export const minuteAt = (hour: LastHour, minute: number): number => Date.parse(hour.from) + minute * 60_000;

/** The hour in a sentence, for people who do not see the chart. */
export const hourText = (hour: LastHour, slots: number | undefined): string =>
  [
    `In the last hour: ${totalOf(hour.accepted)} accepted, ${totalOf(hour.queued)} queued, ${totalOf(hour.failed)} failed,`,
    `${totalOf(hour.inDoubt)} in doubt; ${totalOf(hour.calls)} paid calls,`,
    `at most ${highestOf(hour.slotsInUse)}${slots === undefined ? '' : ` of ${slots}`} slots in use;`,
    `longest wait ${durationText(highestOf(hour.longestWait) * 1_000)}.`,
  ].join(' ');
