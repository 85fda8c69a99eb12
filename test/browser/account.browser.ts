import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ask, openAnswer, textOf, useWorld } from './world.ts';

const world = useWorld();

describe('a person who watches the account', () => {
  it('sees the credit end, why the line waits, and the line move after a top-up', async () => {
    const { open, service, simulator } = world();
    const page = await open({ place: 'view=simulator' });
    await page.getByRole('button', { name: 'Use it up' }).click();
    await textOf(page, '[data-testid=simulator-credits]', /^0$/);
    await page.getByLabel('Let it wait in the line').check();
    await ask(page, { appearance: 'waits for credit' });
    await textOf(page, '[data-testid=answer]', /recorded and waits in the line\. Nothing is charged yet/);
    await service.triggerDispatch();
    await textOf(
      page,
      '[data-testid=state-banner]',
      /Blocked\. The JoggAI account has no credit left.*Top up/s,
    );
    await textOf(page, '[data-testid=alarm]', /insufficient-credit/);
    await textOf(page, '[data-testid=account-state]', /Blocked/);

    await openAnswer(page);
    await textOf(page, '[data-testid=turn]', /first in the line\. No estimate while the account is blocked/);
    expect(simulator.control.state().charges).toBe(0);

    await page.getByRole('link', { name: 'Simulator' }).click();
    await page.getByRole('button', { name: 'Top up 100' }).click();
    await textOf(page, '[data-testid=simulator-credits]', /^100$/);
    await service.triggerDispatch();
    await page.goBack();
    await textOf(page, '[data-testid=request] .status', /Generating/);
    await page.getByTestId('state-banner').waitFor({ state: 'detached' });
    expect(simulator.control.state().charges).toBe(1);
  });

  it('pauses all calls and resumes them, and every open page shows it', async () => {
    const { open, simulator } = world();
    const before = simulator.control.state().received;
    const [first, second] = [await open(), await open({ colorScheme: 'dark' })];
    await first.getByRole('button', { name: 'Pause paid calls' }).click();
    await textOf(second, '[data-testid=state-banner]', /Paused\..*until|Paused\. Paid calls are paused by/s);
    await ask(second, { appearance: 'during the pause' });
    await textOf(second, '.ask-foot', /Calls to JoggAI paused/);
    expect(simulator.control.state().received).toBe(before);

    await second.getByRole('button', { name: 'Resume paid calls' }).click();
    await first.getByTestId('state-banner').waitFor({ state: 'detached' });
    // Nothing was charged, so the same key is sent again.
    await second.getByRole('button', { name: 'Ask for pictures' }).click();
    await textOf(second, '[data-testid=answer]', /paid for/);
    expect(simulator.control.state().received).toBe(before + 1);
    await eventually(async () =>
      expect(await first.locator('.row-detail').first().innerText()).toContain('during the pause'),
    );
  });

  it('sees what the next calls of the simulator answer', async () => {
    const { open, simulator } = world();
    const page = await open({ place: 'view=simulator' });
    await page.getByLabel('For the next').fill('3');
    await page.getByLabel('calls:').selectOption({ label: 'Rate limit (code 429)' });
    await page.getByRole('button', { name: 'Add' }).click();
    await textOf(page, '.active-faults', /Rate limit \(code 429\): the next 3 calls/);
    expect(simulator.control.state().faults).toMatchObject([{ kind: 'code', code: 429, times: 3 }]);
    await page.getByRole('button', { name: 'Remove them' }).click();
    await page.locator('.active-faults').waitFor({ state: 'detached' });
    await page.getByLabel('Accepts the API key').uncheck();
    await eventually(() => expect(simulator.control.state().settings.apiKeys).toEqual([]));
    await page.getByLabel('Accepts the API key').check();
    await eventually(() => expect(simulator.control.state().settings.apiKeys).toEqual(['browser-key']));
    await page.getByText('2 min', { exact: true }).click();
    await eventually(() => expect(simulator.control.state().settings.generation.durationMs).toBe(120_000));
    await page.getByRole('button', { name: 'Reset the simulator' }).click();
    await textOf(page, '[data-testid=received]', /^0$/);
  });
});

describe('where a call costs money', () => {
  // Nothing in this test calls JoggAI.
  const real = useWorld({ joggaiBaseUrl: 'https://api.jogg.ai', simulatorUrl: undefined });

  it('the page says so, has no simulator, and asks before a pause', async () => {
    const { open } = real();
    const page = await open();
    await textOf(page, '.money', /^real money$/i);
    await textOf(page, '#cost', /One paid call\. JoggAI charges it at once/);
    await page.getByRole('button', { name: 'Pay for pictures' }).waitFor();
    expect(await page.getByRole('link', { name: 'Simulator' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Pause paid calls' }).click();
    await page.getByRole('button', { name: 'Do not pause' }).click();
    await textOf(page, '[data-testid=account-state]', /Open/);
    await page.getByRole('button', { name: 'Pause paid calls' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await textOf(page, '[data-testid=account-state]', /Paused/);
  });
});

describe('a person whose role may not pause', () => {
  const restricted = useWorld({
    authorize: (route) =>
      route === 'PATCH /account' ? 403 : { iam: { userArn: 'arn:aws:iam::000000000000:user/reader' } },
  });

  it('is told so, and nothing changes', async () => {
    const { open } = restricted();
    const page = await open();
    await page.getByRole('button', { name: 'Pause paid calls' }).click();
    await textOf(page, 'dialog', /Nothing was changed.*Not allowed.*Your role may not do this/s);
    await textOf(page, '[data-testid=account-state]', /Open/);
  });
});
