/** The result of a section of the benchmark. */
export interface Report {
  readonly title: string;
  /** What was measured, and how. */
  readonly method: string;
  /** The first row holds the headings. */
  readonly rows: readonly (readonly string[])[];
  readonly targets?: readonly Target[];
}

export interface Target {
  readonly name: string;
  readonly value: number;
  readonly max: number;
}

const describe = ({ name, value, max }: Target): string =>
  `${value <= max ? 'met   ' : 'MISSED'}  ${name}: ${value.toFixed(2)}, at most ${max.toFixed(2)}`;

/** Formats the report as a text table: the first column is left-aligned, the others right-aligned. */
export const render = ({ title, method, rows, targets = [] }: Report): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   '),
  );
  const [headings = '', ...body] = lines;
  return [title, method, '', headings, '-'.repeat(headings.length), ...body, '', ...targets.map(describe)]
    .join('\n')
    .trimEnd();
};
