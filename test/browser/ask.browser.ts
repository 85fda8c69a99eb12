import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { ask, fillForm, openAnswer, textOf, useWorld } from './world.ts';

const world = useWorld();

describe('a person who asks', () => {
  it('watches the request and sees its four pictures', async () => {
    const { open, service, simulator, endGenerations } = world();
    const before = simulator.control.state().charges;
    const page = await open();
    await textOf(
      page,
      '#cost',
      /One paid call, simulated\. It costs nothing\. Credits left|One paid call, simulated/,
    );
    await ask(page, { appearance: 'glasses', background: 'an office' });
    await textOf(page, '[data-testid=answer]', /JoggAI accepted it, and it is paid for/);
    expect(simulator.control.state().charges).toBe(before + 1);

    await openAnswer(page);
    await textOf(page, '[data-testid=request] .status', /Generating/);
    endGenerations();
    await page.getByRole('button', { name: 'Ask JoggAI again' }).click();
    await textOf(page, '[data-testid=request] .status', /Succeeded/);
    await service.triggerDispatch();

    const pictures = page.locator('button.picture img');
    await eventually(async () => expect(await pictures.count()).toBe(4));
    await eventually(async () =>
      expect(
        await pictures.evaluateAll((all) =>
          all.every((one) => (one as { naturalWidth?: number }).naturalWidth),
        ),
      ).toBe(true),
    );
    // The row has the first of them.
    await page.locator('.row .thumbnail img').first().waitFor();
  });

  it('reads in the answer when the pictures are there, before dispatch runs', async () => {
    const { open, endGenerations } = world();
    const page = await open();
    await ask(page);
    await textOf(page, '[data-testid=answer]', /JoggAI accepted it/);
    endGenerations();
    await textOf(page, '[data-testid=answer]', /Succeeded.*Its pictures are here/s);
  });

  it('looks at the pictures with the arrow keys, and closes them with Esc', async () => {
    const { open, service, post, endGenerations } = world();
    const { id } = await post();
    endGenerations();
    await fetch(`${service.url}/photo-avatars/${id}/refresh`, { method: 'POST' });
    await service.triggerDispatch();
    const page = await open({ place: `id=${id}` });
    const second = page.getByRole('button', { name: 'View picture 2 of 4' });
    await second.click();
    const viewer = page.locator('dialog.viewer');
    await textOf(page, '.viewer-head', /Picture 2 of 4/);
    await page.keyboard.press('ArrowRight');
    await textOf(page, '.viewer-head', /Picture 3 of 4/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await textOf(page, '.viewer-head', /Picture 4 of 4/);
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
    // Esc closed the viewer only, and the focus is back.
    await page.getByTestId('request').waitFor();
    expect(await second.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
  });

  it('learns what is missing and what is wrong at the fields, and nothing is sent or paid', async () => {
    const { open, simulator } = world();
    const before = simulator.control.state().received;
    const page = await open();
    await page.getByRole('button', { name: 'Ask for pictures' }).click();
    await textOf(
      page,
      '.ask-foot .error',
      /Choose age, avatar style, gender, model, aspect ratio\. Nothing was sent\./,
    );
    await fillForm(page);
    await page.getByLabel('Image URL').fill('ftp://example.com/x.png');
    await page.getByRole('button', { name: 'Check for free' }).click();
    await textOf(page, '.field:has([name=image_url]) .error', /Must be an http or https URL/);
    await page.getByLabel('Image URL').fill('');
    await page.getByRole('button', { name: 'Check for free' }).click();
    await textOf(page, '[data-testid=answer]', /The request is valid\..*Nothing was recorded or charged/);
    expect(simulator.control.state().received).toBe(before);
  });

  it('keeps the key over a reload, and gets another one for another picture', async () => {
    const { open } = world();
    const page = await open();
    const key = () => page.getByTestId('key').textContent();
    await fillForm(page, { appearance: 'a scarf' });
    const first = await key();
    await page.reload();
    await page.getByLabel('Appearance').waitFor();
    expect(await key()).toBe(first);
    expect(await page.getByLabel('Appearance').inputValue()).toBe('a scarf');
    await page.getByRole('button', { name: 'Ask for pictures' }).click();
    await textOf(page, '[data-testid=answer]', /paid for/);
    expect(await key()).toBe(first);
    await page.getByRole('button', { name: 'Ask for another one' }).click();
    expect(await key()).not.toBe(first);
    expect(await page.getByLabel('Appearance').inputValue()).toBe('a scarf');
  });

  it('pays once for a request whose answer was lost, also after a reload', async () => {
    const { open, simulator } = world();
    const before = simulator.control.state().charges;
    const page = await open();
    // The service gets the request, and the page never gets the answer.
    await page.route('**/console/api/photo-avatars', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      await route.abort();
    });
    await ask(page, { appearance: 'a lost answer' });
    await textOf(page, '.ask-foot', /No answer.*may have been charged/s);
    await page.unroute('**/console/api/photo-avatars');
    await page.reload();
    await textOf(page, '.ask-foot', /there is no answer\. Send it again/);

    // Another request would hide the first: the page warns, and leads back.
    await page.getByLabel('Appearance').fill('another request');
    await textOf(page, '.ask-foot', /may be paid already/);
    await page.getByRole('button', { name: 'Back to what was sent' }).click();
    expect(await page.getByLabel('Appearance').inputValue()).toBe('a lost answer');

    await page.getByRole('button', { name: 'Ask for pictures' }).click();
    await textOf(
      page,
      '[data-testid=answer]',
      /This key has a request already, so nothing was charged again/,
    );
    expect(simulator.control.state().charges).toBe(before + 1);
  });

  it('takes an earlier request as a template, without losing what is in the form', async () => {
    const { open, post } = world();
    const { id } = await post({ ...AVATAR, appearance: 'the template' });
    const page = await open({ place: `id=${id}`, width: 1600 });
    await page.getByLabel('Appearance').fill('my draft');
    await page.getByRole('button', { name: 'Use as template' }).click();
    await page.getByRole('button', { name: 'Keep the form' }).click();
    expect(await page.getByLabel('Appearance').inputValue()).toBe('my draft');
    await page.goBack();
    await page.getByRole('button', { name: 'Use as template' }).click();
    await page.getByRole('button', { name: 'Replace it' }).click();
    await eventually(async () =>
      expect(await page.getByLabel('Appearance').inputValue()).toBe('the template'),
    );
  });
});
