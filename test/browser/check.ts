import { findChromium, NO_CHROMIUM } from './chromium.ts';

if (!findChromium()) {
  console.error(NO_CHROMIUM);
  process.exitCode = 1;
}
