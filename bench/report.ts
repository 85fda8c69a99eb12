/** What a section of the benchmark found. */
export interface Report {
  readonly title: string;
  /** What was measured, and how. */
  readonly about: string;
  /** The first row holds the headings. */
  readonly rows: readonly (readonly string[])[];
  readonly targets?: readonly Target[];
}

export interface Target {
  readonly what: string;
  readonly found: number;
  readonly atMost: number;
}

const describe = ({ what, found, atMost }: Target): string =>
  `${found <= atMost ? 'met   ' : 'MISSED'}  ${what}: ${found.toFixed(2)}, at most ${atMost.toFixed(2)}`;

/** The report as lines of text: the first column to the left, numbers to the right. */
export const render = ({ title, about, rows, targets = [] }: Report): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   '),
  );
  const [headings = '', ...body] = lines;
  return [title, about, '', headings, '-'.repeat(headings.length), ...body, '', ...targets.map(describe)]
    .join('\n')
    .trimEnd();
};
