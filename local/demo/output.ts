import { styleText } from 'node:util';

/** Prints numbered sections in a terminal and counts the checks that passed. */
export interface Output {
  section(title: string): void;
  print(text: string): void;
  check(claim: string, passed: boolean): void;
  /** Prints the result. @returns whether every check passed */
  finish(): boolean;
}

export const createOutput = (printLine: (line: string) => void): Output => {
  let sections = 0;
  let passedChecks = 0;
  const failedClaims: string[] = [];
  return {
    section(title) {
      sections += 1;
      printLine(`\n${styleText('bold', `${sections}. ${title}`)}`);
    },
    print(text) {
      for (const line of text.split('\n')) printLine(`   ${line}`);
    },
    check(claim, passed) {
      if (passed) passedChecks += 1;
      else failedClaims.push(claim);
      printLine(`   ${passed ? styleText('green', '✓') : styleText('red', '✗')} ${claim}`);
    },
    finish() {
      printLine('');
      const total = passedChecks + failedClaims.length;
      if (failedClaims.length === 0) printLine(styleText('green', `All ${total} checks passed.`));
      else
        printLine(
          styleText('red', `${failedClaims.length} of ${total} checks failed: ${failedClaims.join('; ')}`),
        );
      return failedClaims.length === 0;
    },
  };
};
