import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What a command prints: its result on standard output, everything else on standard error. */
export interface Output {
  /** Whether the result is one JSON document. */
  readonly json: boolean;
  /** Prints the result: the document with `--json`, else the lines for people. */
  result(document: unknown, lines: readonly string[]): void;
  /** Prints a line about the result. */
  note(line: string): void;
  /** Shows how far a command is: in place on a terminal, else as a line if it changed. */
  progress(line: string): void;
  /** Colours a text of the result, if standard output shows colours. */
  style(style: Style, text: string): string;
  readonly isTerminal: boolean;
}

/** `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` decide in `hasColors`. */
const hasColours = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && stream.hasColors();

/** Redraws a line in place, unless the terminal cannot. */
const redraws = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && process.env.TERM !== 'dumb';

/** A reader that has seen enough, like `head`, closes the pipe. That is no error. */
const ignoreClosedPipe = (stream: NodeJS.WriteStream): void => {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
};

export const createOutput = (
  { json }: { readonly json: boolean },
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
): Output => {
  for (const stream of [stdout, stderr]) ignoreClosedPipe(stream);
  let shown = '';
  const clear = (): void => {
    if (shown !== '' && redraws(stderr)) stderr.write('\r\u001b[K');
    shown = '';
  };
  const print = (stream: NodeJS.WriteStream, text: string): void => {
    clear();
    stream.write(text);
  };
  return {
    json,
    result(document, lines) {
      if (json) print(stdout, `${JSON.stringify(document, null, 2)}\n`);
      else if (lines.length > 0) print(stdout, `${lines.join('\n')}\n`);
    },
    note: (line) => print(stderr, `${line}\n`),
    progress(line) {
      if (line === shown) return;
      if (redraws(stderr))
        stderr.write(`\r\u001b[K${line.slice(0, Math.max(1, (stderr.columns ?? 80) - 1))}`);
      else stderr.write(`${line}\n`);
      shown = line;
    },
    style: (style, text) =>
      !json && hasColours(stdout) ? styleText(style, text, { validateStream: false }) : text,
    isTerminal: redraws(stderr),
  };
};
