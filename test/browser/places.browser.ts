import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { fillForm, textOf, useWorld } from './world.ts';

const world = useWorld();

/** The widest element beyond the window, if there is one. */
const OVERFLOW = `(() => {
  const limit = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll('body *')].filter((element) =>
    element.getBoundingClientRect().right > limit + 1 && getComputedStyle(element).position !== 'fixed' &&
    !element.closest('.scroll, .tabs, .visually-hidden'));
  return document.documentElement.scrollWidth > limit ? wide.map((element) => element.className).join() || 'page' : '';
})()`;

describe('the page on a phone', () => {
  it.each(['', 'view=ask', 'view=resolve', 'view=simulator', 'record'])(
    'fits a width of 360 pixels: %s',
    async (place) => {
      const { open, post } = world();
      const { id } = await post({ ...AVATAR, appearance: `${'x'.repeat(300)} a long word` });
      const page = await open({ width: 360, height: 740, place: place === 'record' ? `id=${id}` : place });
      await page.getByTestId('account-state').waitFor();
      if (place === 'record') await page.getByTestId('request').getByText('Paid', { exact: true }).waitFor();
      else if (place !== 'view=simulator')
        await page.locator('#app h2').first().waitFor({ state: 'attached' });
      expect(await page.evaluate(OVERFLOW)).toBe('');
    },
  );

  it('leads from the form to the line to a request and back', async () => {
    const { open } = world();
    const page = await open({ width: 360, height: 740 });
    await page.getByRole('link', { name: 'New request' }).click();
    await fillForm(page, { appearance: 'on the phone' });
    await page.getByRole('button', { name: 'Ask for pictures' }).click();
    await page.getByRole('link', { name: 'Open the request' }).click();
    await textOf(page, '[data-testid=request]', /on the phone/);
    expect(await page.locator('#ask').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await textOf(page, '.row-detail', /on the phone/);
  });
});

describe('the address', () => {
  it('has the filter and the open record, never the token, and brings a person back there', async () => {
    const { open, post } = world();
    const { id } = await post();
    const page = await open();
    expect(page.url()).not.toContain('token');
    await page.getByRole('link', { name: 'Generating', exact: true }).click();
    await page.locator(`.row-link[data-id="${id}"]`).click();
    await page.getByTestId('request').waitFor();
    expect(new URL(page.url()).hash).toBe(`#status=generating&id=${id}`);
    await page.reload();
    await textOf(page, '[data-testid=request] .status', /Generating/);
    await page.goBack();
    await page.getByTestId('request').waitFor({ state: 'detached' });
    await page.goBack();
    await page.locator('.chip[aria-current]', { hasText: 'All' }).waitFor();
  });

  it('without the token leads to a page that says what to do', async () => {
    const { service, browser } = world();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(service.url);
    await page.getByRole('heading', { name: 'Open the printed URL again' }).waitFor();
    await context.close();
  });
});

describe('the line', () => {
  it('leads to older requests and back, by caller and by id', async () => {
    const { open, post } = world();
    const records = [];
    for (let each = 0; each < 27; each += 1) records.push(await post(AVATAR, { prefer: 'respond-async' }));
    const page = await open({ place: 'status=queued' });
    await eventually(async () => expect(await page.locator('.row-link').count()).toBe(25));
    await page.getByRole('link', { name: 'Older' }).click();
    await eventually(async () => expect(await page.locator('.row-link').count()).toBeLessThan(25));
    await page.getByRole('link', { name: 'Newest' }).click();
    await page.locator('.caller').first().click();
    await page
      .getByRole('link', { name: /user\/local|local/ })
      .first()
      .waitFor();
    await page.getByLabel('Open a request by its id').fill(records[0].id);
    await page.keyboard.press('Enter');
    await textOf(page, '[data-testid=turn]', /first in the line\. Its turn comes in about 1 minute/);
    const last = records.at(-1);
    await page.getByLabel('Open a request by its id').fill(last.id);
    await page.keyboard.press('Enter');
    await textOf(
      page,
      '[data-testid=turn]',
      /26 requests are ahead of it\. Its turn comes in about 2 minutes/,
    );
  });

  it('is read again and again, unless it is held', async () => {
    const { open, post } = world();
    const page = await open();
    await page.locator('.row-link').first().waitFor();
    await post({ ...AVATAR, appearance: 'new in the line' });
    await textOf(page, '.row-detail', /new in the line/);
    await page.getByRole('button', { name: 'Hold updates' }).click();
    let reads = 0;
    page.on('request', (request) => {
      if (/\/photo-avatars\?/.test(request.url())) reads += 1;
    });
    // The alarms are still read: two of those reads take longer than several of the line.
    for (let alarms = 0; alarms < 2; alarms += 1) await page.waitForResponse('**/console/alarms');
    expect(reads).toBe(0);
    await page.getByRole('button', { name: 'Update', exact: true }).click();
    await eventually(() => expect(reads).toBeGreaterThan(0));
  });

  it('says that it is stale while the service does not answer', async () => {
    const { open } = world();
    const page = await open();
    await page.locator('.row-link').first().waitFor();
    await page.route('**/console/api/photo-avatars?*', (route) => route.abort());
    await textOf(page, '.freshness', /Stale: as of \d\d:\d\d:\d\d/);
    expect(await page.locator('.row-link').count()).toBeGreaterThan(0);
    await page.unroute('**/console/api/photo-avatars?*');
    await textOf(page, '.freshness', /^as of/);
  });
});
