import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { textOf, useWorld } from './world.ts';

const world = useWorld();

describe.each(['light', 'dark'] as const)('the page in %s', (colorScheme) => {
  it.each([1280, 360])('has no serious finding of axe in any view, %d pixels wide', async (width) => {
    const { open, post, simulator, service, endGenerations } = world();
    simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    const doubtful = await post();
    const { id } = await post();
    endGenerations();
    await fetch(`${service.url}/photo-avatars/${id}/refresh`, { method: 'POST' });
    await service.triggerDispatch();
    const views = [
      ['', '.row-link'],
      ['view=ask', '#ask fieldset'],
      ['view=resolve', '.row-link'],
      [`view=resolve&id=${doubtful.id}`, '.resolution'],
      [`id=${id}`, '.pictures'],
      ['view=simulator', '.counts'],
    ] as const;
    const page = await open({ width, colorScheme });
    for (const [place, ready] of views) {
      await page.goto(`${service.url}/#${place}`);
      await page.locator(ready).first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(
        serious.map(
          ({ id: rule, nodes }) => `${place}: ${rule} ${nodes.map(({ target }) => target).join(' ')}`,
        ),
      ).toEqual([]);
    }
  });
});

describe('a person with a keyboard only', () => {
  it('asks, opens a request, and comes back to its row', async () => {
    const { open } = world();
    const page = await open();
    await page.locator('#ask fieldset').first().waitFor();
    await page.locator('#ask input[type=radio]').first().focus();
    for (let field = 0; field < 5; field += 1) {
      await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
    }
    await page.getByLabel('Appearance').focus();
    await page.keyboard.type('by keyboard');
    await page.getByRole('button', { name: 'Ask for pictures' }).focus();
    await page.keyboard.press('Enter');
    await textOf(page, '[data-testid=answer]', /paid for/);

    const focused = page.locator(':focus');
    const row = page.locator('.row-link').first();
    await textOf(page, '.row-detail', /by keyboard/);
    await row.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    const id = await focused.getAttribute('data-id');
    await page.keyboard.press('Enter');
    await textOf(page, '[data-testid=request]', /by keyboard/);
    await eventually(async () => expect(await focused.getAttribute('id')).toBe('request-title'));
    await page.keyboard.press('Escape');
    await page.getByTestId('request').waitFor({ state: 'detached' });
    await eventually(async () => expect(await focused.getAttribute('data-id')).toBe(id));
  });

  it('skips to the requests first', async () => {
    const { open } = world();
    const page = await open();
    await page.locator('.row-link').first().waitFor();
    await page.keyboard.press('Tab');
    await textOf(page, ':focus', /Skip to the requests/);
    await page.keyboard.press('Enter');
    await eventually(async () => expect(await page.locator(':focus').getAttribute('id')).toBe('main'));
  });
});
