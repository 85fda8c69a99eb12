import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type PagedServiceOptions, startServiceWithPage } from '../../local/service-with-page.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { findChromium, NO_CHROMIUM, OFFLINE } from '../../packaging/pictures/chromium.ts';
import { eventually, HANG_MS } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';

const API_KEY = 'browser-key';

/** Of a generation: longer than any test, so that it ends only when a test says so. */
const HOUR_MS = 3_600_000;

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** What the address has besides the token. */
  readonly place?: string;
}

/** What went wrong in a page, which no test expects. */
interface Complaints {
  readonly pages: BrowserContext[];
  readonly texts: string[];
}

/** Runs in the page before its own code. */
const WATCH_POLICY = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy violated:', event.violatedDirective, event.blockedURI, event.sample))`;

const launch = async (): Promise<Browser> => {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath, args: [OFFLINE] });
};

const startWorld = async (options: Partial<PagedServiceOptions>) => {
  let passedMs = 0;
  const simulator = await startSimulator({
    settings: { apiKeys: [API_KEY], credits: 100, generation: { durationMs: HOUR_MS } },
    now: () => Date.now() + passedMs,
  });
  const service = await startServiceWithPage({
    joggaiBaseUrl: simulator.url,
    apiKey: API_KEY,
    simulatorUrl: simulator.url,
    // A scheduled run would change the state under test.
    scheduleEveryMs: Number.POSITIVE_INFINITY,
    onLog: () => {},
    ...options,
  });
  const browser = await launch();
  const complaints: Complaints = { pages: [], texts: [] };

  return {
    simulator,
    service,
    browser,
    complaints,
    /** Ends all generations at the simulator. */
    endGenerations: () => {
      passedMs += HOUR_MS;
    },
    /** Sends a request to the API, as any program does. */
    async post(request: object = AVATAR, headers: Record<string, string> = {}) {
      const response = await fetch(`${service.url}/photo-avatars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(request),
      });
      // biome-ignore lint/suspicious/noExplicitAny: the tests read few fields
      const body: any = await response.json();
      return body.record ?? body;
    },
    /** Opens the printed address in a browser without a past. */
    async open({
      width = 1280,
      height = 900,
      colorScheme = 'light',
      place = '',
    }: OpenOptions = {}): Promise<Page> {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      complaints.pages.push(context);
      context.setDefaultTimeout(HANG_MS);
      await context.addInitScript({ content: WATCH_POLICY });
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.texts.push(`thrown: ${error.message}`));
      page.on('dialog', (dialog) => {
        complaints.texts.push(`a script ran: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('console', (message) => {
        // The browser itself logs every answer of 4xx and 5xx, which tests provoke.
        const isExpected = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isExpected) complaints.texts.push(message.text());
      });
      await page.goto(`${service.pageAddress}${place === '' ? '' : `&${place}`}`);
      return page;
    },
    async close() {
      await browser.close();
      await service.close();
      await simulator.close();
    },
  };
};

type World = Awaited<ReturnType<typeof startWorld>>;

/** A service with its page, a simulator and a browser for the tests of a file. No page may complain in any of them. */
export const useWorld = (options: Partial<PagedServiceOptions> = {}): (() => World) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(options);
  });
  afterEach(async () => {
    const { pages, texts } = world.complaints;
    for (const page of pages.splice(0)) await page.close();
    expect(texts.splice(0)).toEqual([]);
  });
  afterAll(() => world?.close());
  return () => world;
};

/** Waits until the text of the element matches. */
export const textOf = (page: Page, selector: string, expected: RegExp): Promise<void> =>
  eventually(async () => expect(await page.locator(selector).first().innerText()).toMatch(expected));

/** Makes the choices of the form. */
export const fillForm = async (
  page: Page,
  words: { appearance?: string; background?: string } = {},
): Promise<void> => {
  const form = page.locator('#ask');
  for (const choice of ['Adult', 'Professional', 'Female', 'modern', 'portrait']) {
    await form.getByText(choice, { exact: true }).click();
  }
  if (words.background) await form.getByLabel('Background').fill(words.background);
  if (words.appearance) await form.getByLabel('Appearance').fill(words.appearance);
};

/** Makes the choices, and asks for the pictures. */
export const ask = async (
  page: Page,
  words: { appearance?: string; background?: string } = {},
): Promise<void> => {
  await fillForm(page, words);
  await page.getByRole('button', { name: 'Ask for pictures' }).click();
};

/** Opens the request of the last answer. */
export const openAnswer = async (page: Page): Promise<void> => {
  await page.getByRole('link', { name: 'Open the request' }).click();
  await page.getByTestId('request').waitFor();
};
