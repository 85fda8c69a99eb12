import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { textOf, useWorld } from './world.ts';

const world = useWorld();

/** If any of it became markup, a dialog opens or the policy is violated: the world reports both. */
const MARKUP = `<img src=x onerror="alert('ran')"><script>alert('ran')</script><b style="color:red">"'&amp;`;

describe('markup in every text', () => {
  it('of a request, of JoggAI, of a decision and of a key is shown as it is', async () => {
    const { open, post, service, simulator } = world();
    simulator.control.addFault({ kind: 'code', code: 50_000, msg: MARKUP });
    const record = await post(
      {
        ...AVATAR,
        background: MARKUP,
        appearance: MARKUP,
        image_url: `https://example.com/?${encodeURI(MARKUP)}`,
      },
      { 'idempotency-key': '<img/src=x/onerror=alert(1)>' },
    );
    expect(record.status).toBe('failed');
    await fetch(`${service.url}/photo-avatars/${record.id}/resolution`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'close', version: record.version, reason: MARKUP }),
    });
    const page = await open({ place: `id=${record.id}` });
    await textOf(page, '[data-testid=request]', /onerror="alert/);
    const text = await page.getByTestId('request').innerText();
    // Appearance, background, JoggAI's message, the reason and the note of the decision.
    expect(text.split(MARKUP).length - 1).toBeGreaterThanOrEqual(5);
    expect(text).toContain('<img/src=x/onerror=alert(1)>');
    await page.getByRole('button', { name: 'Use as template' }).click();
    await eventually(async () => expect(await page.getByLabel('Background').inputValue()).toBe(MARKUP));
    expect(await page.locator('img[src=x], #app script, #app b[style]').count()).toBe(0);
  });

  it('of an event that is no request is shown as it is', async () => {
    const { open, service } = world();
    await service.sqs.send(
      new SendMessageCommand({
        QueueUrl: service.queueUrl,
        MessageBody: JSON.stringify({ age: MARKUP, [MARKUP]: 1 }),
      }),
    );
    const page = await open();
    const row = page.locator('.row-link', { hasText: 'Invalid request' });
    await row.click();
    await textOf(page, '[data-testid=request]', /Invalid request.*onerror=/s);
    expect(await page.locator('img[src=x], #app script, #app b[style]').count()).toBe(0);
  });

  it('in the address is not shown at all, or as text', async () => {
    const { open } = world();
    const page = await open({
      place: `caller=${encodeURIComponent(MARKUP)}&id=${encodeURIComponent(MARKUP)}`,
    });
    await textOf(page, '[data-testid=request]', /No request has this id/);
    await textOf(page, '.chip.removable', /onerror/);
  });
});

describe('the picture of a request', () => {
  it('is loaded only on a click, in a frame that runs nothing', async () => {
    const { open, simulator } = world();
    const page = await open();
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    const url = `${simulator.url}/images/none.png?${encodeURIComponent('"><script>alert(1)</script>')}`;
    await page.getByLabel('Image URL').fill(url);
    expect(loaded.filter((one) => one.startsWith(simulator.url))).toEqual([]);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await eventually(() => expect(loaded.filter((one) => one.startsWith(simulator.url))).toHaveLength(1));
    const frame = page.locator('iframe.preview');
    expect(await frame.getAttribute('sandbox')).toBe('');
  });
});

describe('the token', () => {
  it('is sent to the server of the page and to no other host', async () => {
    const { open, service, simulator } = world();
    const token = new URL(service.pageAddress).hash.slice('#token='.length);
    const page = await open();
    const strangers: string[] = [];
    page.on('request', async (request) => {
      const isOwn = request.url().startsWith(service.url);
      if (!isOwn && JSON.stringify([request.url(), await request.allHeaders()]).includes(token)) {
        strangers.push(request.url());
      }
    });
    await page.getByLabel('Image URL').fill(`${simulator.url}/images/x.png`);
    const answered = page.waitForRequest(`${simulator.url}/**`);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await answered;
    expect(strangers).toEqual([]);
    expect(await page.content()).not.toContain(token);
  });
});
