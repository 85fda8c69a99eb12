import { buildForBench } from '../build.ts';

let file: string | undefined;

/** The driver as JavaScript: stripping its types would be a part of every figure. */
export const driverFile = (): string => {
  file ??= buildForBench('driver', 'bench/process/driver.ts', { format: 'esm' });
  return file;
};
