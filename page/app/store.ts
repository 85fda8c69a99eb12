import { type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { AccountBody, Page, PhotoAvatarRequest, RecordView } from '../../client/index.ts';
import { hasEnded } from '../../client/index.ts';
import type { AlarmList, LastHour, PageSession } from '../contract.ts';
import { createThumbnails, type Thumbnails } from './line/thumbnails.ts';
import { readUnresolved, type Unresolved } from './line/unresolved.ts';
import { isHidden, type LiveValue, live } from './service/live.ts';
import { hashOf, movedTo, type Place, placeOf } from './service/place.ts';
import type { Service } from './service/service.ts';
import type { SimulatorState } from './service/simulator-state.ts';
import { statusText } from './text/statuses.ts';

/** What all parts of the page share. */
export interface Store {
  readonly service: Service;
  readonly session: Signal<PageSession | undefined>;
  readonly place: Signal<Place>;
  /** Goes to a place, as a step that the browser can go back. */
  go(change: Partial<Place>): void;
  /** The address of a place, for links. */
  linkTo(change: Partial<Place>): string;
  /** The time, once a second. */
  readonly now: Signal<number>;
  /** Whether a person paused the reads. */
  readonly isHeld: Signal<boolean>;
  readonly account: LiveValue<AccountBody>;
  readonly list: LiveValue<Page>;
  readonly unresolved: LiveValue<Unresolved>;
  readonly record: LiveValue<RecordView>;
  readonly alarms: LiveValue<AlarmList>;
  readonly lastHour: LiveValue<LastHour>;
  readonly simulator: LiveValue<SimulatorState>;
  readonly thumbnails: Thumbnails;
  /** A request that the form takes over. */
  readonly template: Signal<PhotoAvatarRequest | undefined>;
  /** What a screen reader says. */
  readonly announcement: Signal<string>;
  /** Shows a record that an action answered with, everywhere. */
  show(record: RecordView): void;
  /** Reads everything now. */
  refresh(): void;
  /** Reads nothing more. */
  stop(): void;
}

export const PAGE_SIZE = 25;

/** How often each is read while the page is shown, in milliseconds. */
const EVERY = {
  account: 4_000,
  list: 3_000,
  openRecord: 2_500,
  endedRecord: 15_000,
  unresolvedInView: 5_000,
  unresolved: 30_000,
  alarms: 10_000,
  lastHour: 10_000,
  simulator: 2_000,
} as const;

export const createStore = (service: Service): Store => {
  const place = signal(placeOf(location.hash));
  const isHeld = signal(false);
  const session = signal<PageSession | undefined>(undefined);
  const announcement = signal('');
  const now = signal(Date.now());
  const held = () => isHidden() || isHeld.value;

  const account = live({ read: () => service.reader.account(), everyMs: EVERY.account, isHeld: held });
  const filter = () => {
    const { status, caller, cursor } = place.peek();
    return { status, caller, cursor };
  };
  const list = live<Page>({
    read: () => service.reader.listPage({ ...filter(), pageSize: PAGE_SIZE }),
    everyMs: EVERY.list,
    about: () => JSON.stringify(filter()),
    isHeld: held,
  });
  const unresolved = live<Unresolved>({
    read: () => readUnresolved(service.reader),
    everyMs: () => (place.peek().view === 'resolve' ? EVERY.unresolvedInView : EVERY.unresolved),
    isHeld: held,
  });
  const record: LiveValue<RecordView> = live<RecordView>({
    async read(previous) {
      const next = await service.reader.get(place.peek().id ?? '');
      if (previous && previous.status !== next.status) {
        announcement.value = `The request is now: ${statusText(next.status)}.`;
        unresolved.refresh();
        account.refresh();
      }
      return next;
    },
    everyMs: () => {
      const { value } = record.state.peek();
      return value && hasEnded(value) && !isCopying(value) ? EVERY.endedRecord : EVERY.openRecord;
    },
    about: () => place.peek().id ?? '',
    isWanted: () => place.peek().id !== undefined,
    isHeld: held,
  });
  const alarms = live({ read: service.alarms, everyMs: EVERY.alarms });
  const lastHour = live({ read: service.lastHour, everyMs: EVERY.lastHour, isHeld: held });
  const simulator = live({
    read: service.simulator,
    everyMs: EVERY.simulator,
    isWanted: () => session.peek()?.hasSimulator === true && place.peek().view === 'simulator',
  });

  const arrive = (next: Place): void => {
    const before = place.peek();
    place.value = next;
    if (before.id !== next.id) record.restart();
    if (['status', 'caller', 'cursor'].some((name) => Object(before)[name] !== Object(next)[name])) {
      list.restart();
    }
    if (before.view !== next.view) {
      unresolved.wake();
      simulator.wake();
    }
  };
  window.addEventListener('popstate', () => arrive(placeOf(location.hash)));
  window.setInterval(() => {
    if (!isHidden()) now.value = Date.now();
  }, 1_000);

  const linkTo = (change: Partial<Place>) => hashOf(movedTo(place.value, change));
  return {
    service,
    session,
    place,
    now,
    isHeld,
    account,
    list,
    unresolved,
    record,
    alarms,
    lastHour,
    simulator,
    announcement,
    thumbnails: createThumbnails((id) => service.reader.get(id)),
    template: signal(undefined),
    linkTo,
    go(change) {
      history.pushState(null, '', linkTo(change));
      arrive(placeOf(location.hash));
    },
    show(changed) {
      if (place.peek().id === changed.id) {
        record.set(withLinks(changed, record.state.peek().value));
        record.refresh();
      }
      const { value: page } = list.state.peek();
      if (page) {
        list.set({ ...page, items: page.items.map((item) => (item.id === changed.id ? changed : item)) });
      }
      for (const one of [list, unresolved, account]) one.refresh();
    },
    refresh() {
      for (const one of [account, list, unresolved, alarms, lastHour]) one.refresh();
      if (place.peek().id !== undefined) record.refresh();
    },
    stop() {
      for (const one of [account, list, unresolved, record, alarms, lastHour, simulator]) one.stop();
    },
  };
};

/** Whether images of a success are still to be copied. */
const isCopying = ({ images = [] }: RecordView): boolean =>
  images.some(({ copy, refused }) => !copy && !refused);

/** The answer to an action has no links to the images: those of the last read are still valid. */
const withLinks = (next: RecordView, previous: RecordView | undefined): RecordView => ({
  ...next,
  images: next.images?.map((image, at) => ({
    ...image,
    link: image.link ?? (previous?.id === next.id ? previous.images?.[at]?.link : undefined),
  })),
});

const StoreContext = createContext<Store | undefined>(undefined);

export const StoreProvider = StoreContext.Provider;

export const useStore = (): Store => {
  const store = useContext(StoreContext);
  if (!store) throw new Error('A part of the page is drawn outside of the page.');
  return store;
};
