import { escaped, PALETTES, svgDocument, type Theme } from '../../packaging/pictures/palette.ts';

/** One quantity of an operation at each size, relative to the smallest. */
export interface Curve {
  readonly name: string;
  readonly ratios: readonly number[];
}

export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const PANEL = { width: 270, height: 210, gap: 10 } as const;
const AREA = { left: 40, top: 40, width: 198, height: 118 } as const;

/** The panels show from no cost to twice that of the smallest size. */
const MAX_RATIO = 2;

const y = (ratio: number): number => AREA.top + AREA.height * (1 - Math.min(ratio, MAX_RATIO) / MAX_RATIO);

/** Draws how quantities grow with the number of records. @param limit of the ratios */
export const drawGrowth = (
  theme: Theme,
  sizes: readonly number[],
  panels: readonly Panel[],
  limit: number,
): string => {
  const { ink, quiet, line, box, panel: background, series, limit: limitColour } = PALETTES[theme];
  const logs = sizes.map(Math.log);
  const [first = 0, last = 1] = [Math.min(...logs), Math.max(...logs)];
  const x = (index: number): number =>
    AREA.left + (AREA.width * ((logs[index] ?? 0) - first)) / (last - first);
  const text = (attributes: string, content: string): string =>
    `<text font-size="10.5" fill="${quiet}" ${attributes}>${escaped(content)}</text>`;

  const drawPanel = ({ title, curves }: Panel, place: number): string => {
    const drawn = curves.map(({ name, ratios }, index) => {
      const colour = series[index] ?? ink;
      const points = ratios.map((ratio, at) => `${x(at).toFixed(1)} ${y(ratio).toFixed(1)}`);
      const legend = AREA.left + index * 72;
      return [
        // Equal curves cover each other: each one is drawn thinner than the one before.
        `<path d="M ${points.join(' L ')}" fill="none" stroke="${colour}" stroke-width="${6 - 2 * index}"/>`,
        ...points.map(
          (point) => `<circle cx="${point.replace(' ', '" cy="')}" r="${4 - index}" fill="${colour}"/>`,
        ),
        `<rect x="${legend}" y="${PANEL.height - 24}" width="9" height="9" rx="2" fill="${colour}"/>`,
        text(`x="${legend + 13}" y="${PANEL.height - 16}"`, name),
      ].join('');
    });
    return [
      `<g transform="translate(${PANEL.gap + place * (PANEL.width + PANEL.gap)} ${PANEL.gap})">`,
      `<rect width="${PANEL.width}" height="${PANEL.height}" rx="6" fill="${box}" stroke="${line}" stroke-opacity="0.5"/>`,
      `<text x="14" y="24" font-weight="600" fill="${ink}">${escaped(title)}</text>`,
      ...[0, 1, MAX_RATIO].flatMap((ratio) => [
        `<path d="M ${AREA.left} ${y(ratio)} h ${AREA.width}" stroke="${line}" stroke-width="0.5" opacity="0.5"/>`,
        text(`x="${AREA.left - 6}" y="${y(ratio) + 4}" text-anchor="end"`, `${ratio} ×`),
      ]),
      `<path d="M ${AREA.left} ${y(limit)} h ${AREA.width}" stroke="${limitColour}" stroke-dasharray="5 4"/>`,
      ...sizes.map((size, at) =>
        text(
          `x="${x(at)}" y="${AREA.top + AREA.height + 16}" text-anchor="middle"`,
          size.toLocaleString('en'),
        ),
      ),
      ...drawn,
      '</g>',
    ].join('\n');
  };

  const width = PANEL.gap + panels.length * (PANEL.width + PANEL.gap);
  const height = PANEL.height + 2 * PANEL.gap;
  const title = `Time, calls and read units with ${sizes.map((size) => size.toLocaleString('en')).join(', ')} records, relative to the fewest: ${panels.map((panel) => panel.title).join(', ')}.`;
  return svgDocument({ width, height, title }, [
    `<rect width="${width}" height="${height}" fill="${background}"/>`,
    ...panels.map(drawPanel),
  ]);
};
