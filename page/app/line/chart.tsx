import type { LastHour } from '../../contract.ts';
import { type SeriesName, stackOf } from './chart-data.ts';

interface ChartProps {
  readonly hour: LastHour;
  readonly series: readonly SeriesName[];
  /** The value at the upper edge. */
  readonly scale: number;
  /** A line at this value. */
  readonly limit?: number | undefined;
  /** The minute that is marked. */
  readonly minute: number | undefined;
  readonly onMinute: (minute: number) => void;
}

const HEIGHT = 60;
/** The width of a minute, of which the bar leaves a gap. */
const STEP = 10;

/** Bars for each minute of the hour. The text around it says what they mean. */
export const Chart = ({ hour, series, scale, limit, minute, onMinute }: ChartProps) => {
  const minutes = hour.calls.length;
  const width = minutes * STEP;
  const find = (event: PointerEvent) => {
    if (!(event.currentTarget instanceof Element)) return;
    const { left, width: shown } = event.currentTarget.getBoundingClientRect();
    const at = Math.floor(((event.clientX - left) / shown) * minutes);
    if (at >= 0 && at < minutes) onMinute(at);
  };
  const limitY = limit === undefined ? undefined : HEIGHT - (limit / scale) * HEIGHT;
  return (
    <svg
      class="chart"
      aria-hidden="true"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      onPointerMove={find}
    >
      {minute !== undefined && <rect class="mark" x={minute * STEP} width={STEP} height={HEIGHT} />}
      <line class="base" x1="0" x2={width} y1={HEIGHT} y2={HEIGHT} />
      {hour.calls.map((_, at) =>
        stackOf(hour, at, series, scale, HEIGHT).map((bar) => (
          <rect
            key={`${at}${bar.series}`}
            class={`bar ${bar.series}`}
            x={at * STEP + 1}
            width={STEP - 2}
            y={bar.y}
            height={bar.height}
          />
        )),
      )}
      {limitY !== undefined && <line class="limit" x1="0" x2={width} y1={limitY} y2={limitY} />}
    </svg>
  );
};
