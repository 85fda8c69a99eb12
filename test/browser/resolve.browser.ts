import { describe, expect, it } from 'vitest';
import { ask, openAnswer, textOf, useWorld } from './world.ts';

const world = useWorld();

/** Loses the answer to the next paid call, after the charge. */
const loseAnswer = () => world().simulator.control.addFault({ kind: 'reset', when: 'after_charging' });

describe('a person who resolves a doubt', () => {
  it('sees it counted, and closes it with a reason, without a second charge', async () => {
    const { open, simulator } = world();
    loseAnswer();
    const page = await open();
    await ask(page, { appearance: 'in doubt' });
    await textOf(page, '.ask-foot', /Outcome unknown.*may have been charged/s);
    await textOf(page, '[data-testid=to-resolve]', /^1$/);

    await page.getByRole('link', { name: /To resolve/ }).click();
    await page.locator('.row-link').click();
    const close = page.getByRole('button', { name: 'Close the request', exact: true });
    // The safe choice is the first, and a reason is required.
    expect(await page.getByLabel(/Close it/).isChecked()).toBe(true);
    expect(await close.isDisabled()).toBe(true);
    await page.getByLabel(/Reason/).fill('No photo in the dashboard.');
    await page.locator('.resolution').getByRole('button').click();
    await textOf(page, '[data-testid=request]', /Failed.*close by .*No photo in the dashboard/s);
    await page.getByTestId('to-resolve').waitFor({ state: 'detached' });
    await textOf(page, 'main', /Nothing to resolve/);
    expect(simulator.control.state().charges).toBe(1);
  });

  it('submits it again only with consent to a second charge', async () => {
    const { open, service, simulator } = world();
    loseAnswer();
    const page = await open();
    await ask(page, { appearance: 'asked for again' });
    await textOf(page, '.ask-foot', /Outcome unknown/);
    const before = simulator.control.state().charges;
    await openAnswer(page);
    await page.getByLabel(/Submit it again/).check();
    await textOf(page, '.decision.risky', /may be charged a second time/);
    await page.getByLabel(/Reason/).fill('The customer waits.');
    const submit = page.locator('.resolution').getByRole('button');
    expect(await submit.isDisabled()).toBe(true);
    await page.getByLabel(/A second charge is acceptable/).check();
    await submit.click();
    await textOf(page, '[data-testid=request] .status', /Queued/);
    await service.triggerDispatch();
    await textOf(page, '[data-testid=request] .status', /Generating/);
    expect(simulator.control.state().charges).toBe(before + 1);
  });

  it('learns that another person was faster, and sees what that one decided', async () => {
    const { open, post, service } = world();
    loseAnswer();
    const record = await post();
    const page = await open({ place: `view=resolve&id=${record.id}` });
    await page.getByLabel(/Reason/).fill('Mine.');
    await page.getByRole('button', { name: 'Hold updates' }).click();
    const response = await fetch(`${service.url}/photo-avatars/${record.id}/resolution`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'close', version: record.version, reason: 'Theirs.' }),
    });
    expect(response.status).toBe(200);
    await page.locator('.resolution').getByRole('button').click();
    await textOf(page, '[data-testid=request]', /Not resolvable.*Theirs\./s);
    // The failure stays in sight.
    await textOf(page, '[data-testid=request] [role=alert]', /Not resolvable/);
  });

  it('cancels a queued request, and erases an ended one after a confirmation', async () => {
    const { open, post } = world();
    const record = await post(
      { age: 'Adult', avatar_style: 'Social', gender: 'Male', model: 'classic', aspect_ratio: 'square' },
      { prefer: 'respond-async' },
    );
    const page = await open({ place: `id=${record.id}` });
    await page.getByRole('button', { name: 'Cancel the request' }).click();
    await textOf(page, '[data-testid=request] .status', /Cancelled/);
    await world().service.triggerDispatch();
    await page.getByRole('button', { name: 'Erase…' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'Erase…' }).click();
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    await textOf(page, '[data-testid=request]', /Erased request.*erased\s+by /s);
  });
});
