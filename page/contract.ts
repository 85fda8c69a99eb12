// What the page and the server that serves it have agreed on. The server is in `page/server/`, the page in `page/app/`.

/** Request header with the token of this start. Every data route requires it; no route returns it. */
export const TOKEN_HEADER = 'x-photo-avatars-token';

/** The data routes. Below `api` are the routes of the HTTP API, below `simulator` the controls of the simulator. */
export const DATA_ROUTES = {
  session: '/console/session',
  alarms: '/console/alarms',
  lastHour: '/console/last-hour',
  api: '/console/api',
  simulator: '/console/simulator',
} as const;

/**
 * `GET /preview?url=`: a document that shows one image of another host and nothing else. Only this document may load it,
 * in a frame, so that the page itself loads nothing from other hosts.
 */
export const PREVIEW_ROUTE = '/preview';

/** `GET /console/session`: which service the page works with. */
export interface PageSession {
  /** For people: the stack with its account and region, or the URL. */
  readonly service: string;
  /** `local` is `npm start`. */
  readonly kind: 'local' | 'stack' | 'url';
  readonly stack?: string;
  /** The AWS account. */
  readonly account?: string;
  readonly region?: string;
  /** Whether the page may control the simulator of JoggAI. */
  readonly hasSimulator: boolean;
  readonly version: string;
}

/** An alarm that is on. */
export interface ActiveAlarm {
  /** Its section in docs/operations.md, such as `insufficient-credit`. An alarm of another kind: its name in CloudWatch. */
  readonly name: string;
  /** What it means for people, and what to do. */
  readonly description: string;
  /** ISO 8601. Absent if it is not known. */
  readonly since?: string;
  readonly runbookUrl?: string;
}

/** `GET /console/alarms`. */
export interface AlarmList {
  readonly items: readonly ActiveAlarm[];
  /** Why the alarms are not known, for people. */
  readonly unavailable?: string;
}

/** Values of the last 60 minutes, the oldest first. `null`: not measured in that minute. */
type Series = readonly (number | null)[];

/** `GET /console/last-hour`. */
export interface LastHour {
  /** Start of the first minute, ISO 8601. */
  readonly from: string;
  /** Requests that JoggAI accepted, so that they are paid for, in each minute. */
  readonly accepted: Series;
  /** Requests that were recorded to be submitted later, in each minute. */
  readonly queued: Series;
  /** Age of the oldest queued request in seconds, in each minute. */
  readonly longestWait: Series;
  /** Requests that failed, or whose parameters JoggAI rejected, in each minute. Without those that a block rejected. */
  readonly failed: Series;
  /** Requests that were put in doubt, in each minute. */
  readonly inDoubt: Series;
  /** Paid calls, in each minute. A run of dispatch reports its calls at its end: a minute may have more than the rate. */
  readonly calls: Series;
  /** Slots in use when dispatch looked at the account, in each minute: how much of the rate was used. */
  readonly slotsInUse: Series;
  /** Why the figures are not known, for people. */
  readonly unavailable?: string;
}
