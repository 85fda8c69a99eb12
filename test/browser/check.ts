import { findChromium, NO_CHROMIUM } from '../../packaging/pictures/chromium.ts';

if (!findChromium()) {
  console.error(NO_CHROMIUM);
  process.exitCode = 1;
}
