import { ALARM_DEFAULTS, metricAlarms } from '../lambda/shared/alarms.ts';
import manifest from '../package.json' with { type: 'json' };
import { loadAssets } from '../page/server/assets.ts';
import { createPage, type Page } from '../page/server/page.ts';
import { serveApiReference } from './api-reference.ts';
import { LOCAL_ENVIRONMENT } from './environment.ts';
import { createMonitor } from './monitor.ts';
import { type LocalService, type ServiceOptions, startService } from './service.ts';

export interface PagedServiceOptions extends Omit<ServiceOptions, 'front'> {
  /** Origin of the simulator that the page may control. @default - none */
  readonly simulatorUrl?: string | undefined;
}

export interface PagedService extends LocalService {
  /** The page's address, with the token of this start. */
  readonly pageAddress: string;
}

/** Starts the service with the page and the reference of the API in front of its HTTP API. */
export const startServiceWithPage = async ({
  simulatorUrl,
  onLog,
  ...options
}: PagedServiceOptions): Promise<PagedService> => {
  const assets = await loadAssets();
  const dailyCallLimit = Number(options.environment?.DAILY_CALL_LIMIT ?? LOCAL_ENVIRONMENT.DAILY_CALL_LIMIT);
  const monitor = createMonitor(metricAlarms({ ...ALARM_DEFAULTS, dailyCallLimit }));
  /** Requests wait until it is there. */
  const pageReady = Promise.withResolvers<Page>();
  const service = await startService({
    ...options,
    front: async (request, response) =>
      // The page first: it refuses requests of foreign pages, also for the reference.
      (await (await pageReady.promise).handle(request, response)) || serveApiReference(request, response),
    onLog: (line) => {
      monitor.record(line);
      onLog(line);
    },
  });
  const page = createPage({
    session: {
      service: service.url,
      kind: 'local',
      hasSimulator: simulatorUrl !== undefined,
      version: manifest.version,
    },
    assets,
    api: { url: service.url },
    simulatorUrl,
    monitor,
    pictureSources: [service.imageOrigin],
  });
  pageReady.resolve(page);
  return { ...service, pageAddress: page.addressOn(service.url) };
};
