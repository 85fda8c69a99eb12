import { buildForBench } from '../build.ts';

let file: string | undefined;

/** The driver as JavaScript: type stripping would be part of every figure. */
export const driverFile = (): string => {
  file ??= buildForBench('driver', 'bench/process/driver.ts', { format: 'esm' });
  return file;
};
