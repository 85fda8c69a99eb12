import { styleText } from 'node:util';

/** Tells a story in a terminal and keeps the score of what came out as it should. */
export interface Narrator {
  chapter(title: string): void;
  say(text: string): void;
  /** One fact that was seen, and whether it is as it should be. */
  check(claim: string, holds: boolean): void;
  /** Prints the score. @returns whether every claim held */
  end(): boolean;
}

export const createNarrator = (print: (line: string) => void): Narrator => {
  let chapters = 0;
  let held = 0;
  const broken: string[] = [];
  return {
    chapter(title) {
      chapters += 1;
      print(`\n${styleText('bold', `${chapters}. ${title}`)}`);
    },
    say(text) {
      for (const line of text.split('\n')) print(`   ${line}`);
    },
    check(claim, holds) {
      if (holds) held += 1;
      else broken.push(claim);
      print(`   ${holds ? styleText('green', '✓') : styleText('red', '✗')} ${claim}`);
    },
    end() {
      print('');
      if (broken.length === 0) print(styleText('green', `All ${held} claims hold.`));
      else
        print(
          styleText(
            'red',
            `${broken.length} of ${held + broken.length} claims are broken: ${broken.join('; ')}`,
          ),
        );
      return broken.length === 0;
    },
  };
};
