import { writeFileSync } from 'node:fs';
import { chromium, type Locator, type Page } from 'playwright-core';
import { findChromium, NO_CHROMIUM, OFFLINE } from './chromium.ts';
import { runForPage } from './page-run.ts';
import { smallPng } from './small-png.ts';

/** The page as it is, in the documents. It takes about ten minutes: the charts need something to show. */
const WINDOW = { width: 1280, height: 832 } as const;

const THUMBNAILS = 4;

const folder = new URL('../../docs/images/', import.meta.url);

/** What a page shows, or a part of it. */
type Shown = Pick<Page, 'screenshot'> | Pick<Locator, 'screenshot'>;

const writeScreenshots = async (executablePath: string): Promise<void> => {
  const run = await runForPage();
  const browser = await chromium.launch({ executablePath, args: [OFFLINE] });
  const blank = await browser.newPage();
  const shoot = async (shown: Shown, name: string): Promise<void> => {
    const picture = await smallPng(await shown.screenshot({ animations: 'disabled' }), blank);
    writeFileSync(new URL(`${name}.png`, folder), picture);
    console.log(`docs/images/${name}.png: ${Math.round(picture.byteLength / 1_000)} kB`);
  };
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: WINDOW, colorScheme });
      const page = await context.newPage();
      await page.goto(run.address);
      await page.getByRole('button', { name: 'Example' }).click();
      await page.getByRole('heading', { name: 'Requests' }).hover();
      // Thumbnails arrive one after the other, the upper ones first.
      await page
        .locator('.thumbnail img')
        .nth(THUMBNAILS - 1)
        .waitFor();
      await shoot(page, `page-${colorScheme}`);
      await page.goto(`${run.address}&id=${run.id}`);
      await page.locator('button.picture img').last().waitFor();
      await page.waitForLoadState('networkidle');
      if (colorScheme === 'light') await shoot(page.getByTestId('request'), 'page-request');
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
