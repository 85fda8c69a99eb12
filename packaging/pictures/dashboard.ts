import { METRICS_NAMESPACE } from '../../lambda/shared/metrics.ts';
import type { GraphWidget, ShownMetric, Widget } from './dashboard-widgets.ts';
import { escaped, PALETTES, type Palette, svgDocument, type Theme } from './palette.ts';

/** A metric's values in one period of the run. */
export type Period = ReadonlyMap<string, readonly number[]>;

const WIDTH = 1_000;
const COLUMN = WIDTH / 24;
const ROW = 30;
const GAP = 4;

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
};

const percentile = (values: readonly number[], rank: number): number =>
  values.toSorted((one, other) => one - other)[Math.ceil((rank / 100) * values.length) - 1] ?? 0;

const statisticOf = (name: string, values: readonly number[]): number => {
  const rank = name.match(/^p(\d+)$/)?.[1];
  if (rank !== undefined) return percentile(values, Number(rank));
  const statistic = STATISTICS[name];
  if (statistic === undefined) throw new Error(`The dashboard shows a statistic that is not drawn: ${name}.`);
  return statistic(values);
};

/** A metric's value in each period; `undefined` where CloudWatch has none. */
const seriesOf = ({ namespace, name, statistic }: ShownMetric, periods: readonly Period[]) =>
  periods.map((period) => {
    const values = namespace === METRICS_NAMESPACE ? period.get(name) : undefined;
    return values && values.length > 0 ? statisticOf(statistic, values) : undefined;
  });

const label = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: 1, notation: value < 10_000 ? 'standard' : 'compact' });

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Lines through consecutive values; a point where a value has no neighbour. */
const drawSeries = (values: readonly (number | undefined)[], area: Area, max: number, colour: string) => {
  const step = area.width / Math.max(1, values.length - 1);
  const at = (value: number, index: number) =>
    `${(area.left + index * step).toFixed(1)} ${(area.top + area.height * (1 - value / max)).toFixed(1)}`;
  const path = values
    .map((value, index) => {
      if (value === undefined) return '';
      return `${values[index - 1] === undefined ? 'M' : 'L'} ${at(value, index)}`;
    })
    .filter(Boolean)
    .join(' ');
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>`;
};

const drawLegend = (
  entries: readonly { readonly text: string; readonly colour: string }[],
  { left, top, width }: Area,
  palette: Palette,
): string[] => {
  let x = left;
  let y = top;
  return entries.map(({ text, colour }) => {
    const needed = 16 + text.length * 5.6;
    if (x + needed > left + width && x > left) {
      x = left;
      y += 13;
    }
    const drawn = `<rect x="${x}" y="${y - 8}" width="9" height="9" rx="2" fill="${colour}"/><text x="${x + 13}" y="${y}" font-size="10.5" fill="${palette.quiet}">${escaped(text)}</text>`;
    x += needed + 8;
    return drawn;
  });
};

const drawGraph = (
  { properties }: GraphWidget,
  panel: Area,
  periods: readonly Period[],
  palette: Palette,
) => {
  const { metrics, annotations } = properties;
  const limits = annotations?.horizontal ?? [];
  const lines = metrics.map((metric, index) => ({
    ...metric,
    values: seriesOf(metric, periods),
    colour: palette.series[index % palette.series.length] ?? palette.ink,
  }));
  const max = Math.max(
    1,
    ...lines.flatMap(({ values }) => values.filter((value) => value !== undefined)),
    ...limits.map(({ value }) => value),
  );
  const area = {
    left: panel.left + 44,
    top: panel.top + 38,
    width: panel.width - 58,
    height: panel.height - 92,
  };
  const y = (value: number) => area.top + area.height * (1 - value / max);
  const hasValues = lines.some(({ values }) => values.some((value) => value !== undefined));
  return [
    ...[0, max / 2, max].map(
      (value) =>
        `<path d="M ${area.left} ${y(value)} h ${area.width}" stroke="${palette.line}" stroke-width="0.5" opacity="0.5"/><text x="${area.left - 6}" y="${y(value) + 4}" text-anchor="end" font-size="10.5" fill="${palette.quiet}">${label(value)}</text>`,
    ),
    ...lines.map(({ values, colour }) => drawSeries(values, area, max, colour)),
    ...limits.map(
      ({ value, label: name }) =>
        `<path d="M ${area.left} ${y(value)} h ${area.width}" stroke="${palette.limit}" stroke-dasharray="5 4"/><text x="${area.left + area.width}" y="${y(value) + 13}" text-anchor="end" font-size="10.5" fill="${palette.limit}">${escaped(name)}</text>`,
    ),
    ...(hasValues
      ? []
      : [
          `<text x="${area.left + area.width / 2}" y="${area.top + area.height / 2}" text-anchor="middle" font-size="11" fill="${palette.quiet}">measured by AWS: no values on one machine</text>`,
        ]),
    ...drawLegend(
      lines.map(({ label: text, colour }) => ({ text, colour })),
      { ...area, left: panel.left + 14, width: panel.width - 28, top: panel.top + panel.height - 34 },
      palette,
    ),
  ];
};

const drawNumbers = (
  { properties }: GraphWidget,
  panel: Area,
  periods: readonly Period[],
  palette: Palette,
) => {
  const width = panel.width / properties.metrics.length;
  return properties.metrics.flatMap((metric, index) => {
    const value = seriesOf(metric, periods).findLast((each) => each !== undefined);
    const centre = panel.left + width * (index + 0.5);
    return [
      `<text x="${centre}" y="${panel.top + 56}" text-anchor="middle" font-size="22" font-weight="600" fill="${palette.ink}">${value === undefined ? '–' : label(value)}</text>`,
      `<text x="${centre}" y="${panel.top + 74}" text-anchor="middle" font-size="10" fill="${palette.quiet}">${escaped(metric.label)}</text>`,
    ];
  });
};

const drawAlarms = (names: readonly string[], panel: Area, palette: Palette): string[] => {
  let x = panel.left + 14;
  let y = panel.top + 30;
  return names.map((name) => {
    const width = 16 + name.length * 5.7;
    if (x + width > panel.left + panel.width - 14) {
      x = panel.left + 14;
      y += 18;
    }
    const drawn = `<rect x="${x}" y="${y}" width="${width}" height="15" rx="4" fill="none" stroke="${palette.line}"/><text x="${x + width / 2}" y="${y + 11}" text-anchor="middle" font-size="10.5" fill="${palette.ink}">${escaped(name)}</text>`;
    x += width + 6;
    return drawn;
  });
};

const drawContent = (widget: Widget, panel: Area, periods: readonly Period[], palette: Palette): string[] => {
  if (widget.type === 'alarm') return drawAlarms([...new Set(widget.properties.alarms)], panel, palette);
  return widget.properties.view === 'singleValue'
    ? drawNumbers(widget, panel, periods, palette)
    : drawGraph(widget, panel, periods, palette);
};

/** The dashboard of the template with the metrics of a run, as CloudWatch arranges it. */
export const drawDashboard = (
  theme: Theme,
  { widgets, periods }: { readonly widgets: readonly Widget[]; readonly periods: readonly Period[] },
): string => {
  const palette = PALETTES[theme];
  const height = ROW * Math.max(...widgets.map((widget) => widget.y + widget.height));
  const panels = widgets.flatMap((widget) => {
    const panel = {
      left: widget.x * COLUMN + GAP,
      top: widget.y * ROW + GAP,
      width: widget.width * COLUMN - 2 * GAP,
      height: widget.height * ROW - 2 * GAP,
    };
    return [
      `<rect x="${panel.left}" y="${panel.top}" width="${panel.width}" height="${panel.height}" rx="6" fill="${palette.box}" stroke="${palette.line}" stroke-opacity="0.5"/>`,
      `<text x="${panel.left + 14}" y="${panel.top + 22}" font-weight="600" fill="${palette.ink}">${escaped(widget.properties.title)}</text>`,
      ...drawContent(widget, panel, periods, palette),
    ];
  });
  const title = `The CloudWatch dashboard: ${widgets.map(({ properties }) => properties.title).join(', ')}.`;
  return svgDocument({ width: WIDTH, height, title }, [
    `<rect width="${WIDTH}" height="${height}" fill="${palette.panel}"/>`,
    ...panels,
  ]);
};
