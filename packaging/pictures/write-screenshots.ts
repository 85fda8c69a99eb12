import { writeFileSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { findChromium, NO_CHROMIUM, OFFLINE } from './chromium.ts';
import { runForPage } from './page-run.ts';

/** The page as it is, in the documents. It takes about ten minutes: the charts need something to show. */
const WINDOW = { width: 1280, height: 832 } as const;

const folder = new URL('../../docs/images/', import.meta.url);

const shoot = async (page: Page, name: string): Promise<void> => {
  await page.waitForLoadState('networkidle').catch(() => undefined);
  const picture = await page.screenshot({ animations: 'disabled' });
  writeFileSync(new URL(`${name}.png`, folder), picture);
  console.log(`docs/images/${name}.png: ${Math.round(picture.byteLength / 1_000)} kB`);
};

const writeScreenshots = async (executablePath: string): Promise<void> => {
  const run = await runForPage();
  const browser = await chromium.launch({ executablePath, args: [OFFLINE] });
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: WINDOW, colorScheme });
      const page = await context.newPage();
      await page.goto(run.address);
      await page.locator('.thumbnail img').first().waitFor();
      await page.getByRole('button', { name: 'Example' }).click();
      await shoot(page, `page-${colorScheme}`);
      await page.goto(`${run.address}&id=${run.id}`);
      await page.locator('button.picture').last().waitFor();
      if (colorScheme === 'light') await shoot(page, 'page-request');
      await context.close();
    }
  } finally {
    await browser.close();
    await run.close();
  }
};

const executablePath = findChromium();
if (executablePath) await writeScreenshots(executablePath);
else {
  console.error(NO_CHROMIUM);
  process.exitCode = 1;
}
