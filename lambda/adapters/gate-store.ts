import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { GateStore } from '../domain/gate/gate.ts';
import { EMPTY_GATE, type GateView } from '../domain/gate/gate-rules.ts';
import { BLOCK_REASONS } from '../domain/outcome.ts';
import type { Clock } from '../domain/ports.ts';
import { UnreadableItem } from '../domain/unreadable-item.ts';
import { conflictOf, type Item, toItem } from './aws/dynamodb.ts';
import { type OnUnreadable, readItem } from './read-item.ts';

/** The gate's item in the ledger's table. Request ids are UUIDs, so they cannot collide with it. */
const GATE_ID = 'gate';
const SLOT = /^slot\d+$/;

const part = z.object({ rev: z.string() });

const slot = z.extend(part, {
  until: z.number(),
  holder: z.string(),
  calls: z.int().check(z.minimum(0)),
  day: z.iso.date(),
});

const account = z.optional(
  z.extend(part, {
    block: z.optional(
      z.object({
        reason: z.enum(BLOCK_REASONS),
        since: z.number(),
        until: z.number(),
        refusedProbes: z.int(),
        probe: z.optional(z.string()),
        key: z.string(),
      }),
    ),
    pause: z.optional(z.object({ since: z.number(), by: z.string() })),
    waitUntil: z.optional(z.number()),
    outage: z.optional(
      z.object({
        badOutcomes: z.int(),
        backOff: z.optional(
          z.object({
            since: z.number(),
            until: z.number(),
            failedProbes: z.int(),
            isReadable: z.boolean(),
            probe: z.optional(z.string()),
          }),
        ),
      }),
    ),
  }),
);

/** Strict, because a wrong value could admit a call: while the item cannot be read, no call is admitted. */
const gateParts = z.object({
  rev: z.optional(z.string()),
  slots: z.record(z.string(), slot),
  account,
  /** Name of the table that the item belongs to. Absent before the first read of this version. */
  ledger: z.optional(z.string()),
});

const parseGate = ({ rev, account, ledger, ...others }: Record<string, unknown>) =>
  gateParts.safeParse({
    rev,
    slots: Object.fromEntries(Object.entries(others).filter(([name]) => SLOT.test(name))),
    account,
    ledger,
  });

/** A revision that a write depends on. `undefined`: there was none. */
interface SeenRev {
  readonly attribute: string;
  readonly path: string;
  readonly rev: string | undefined;
}

const revOfItem = (rev: string | undefined): SeenRev => ({ attribute: 'rev', path: '#rev', rev });

const revOfPart = (attribute: string, rev: string | undefined): SeenRev => ({
  attribute,
  path: `#${attribute}.rev`,
  rev,
});

/** What an item must still be for a write to succeed. */
interface Seen {
  readonly revs: readonly SeenRev[];
  /** The table that a restored item names. */
  readonly origin?: string | undefined;
}

/**
 * The gate as one DynamoDB item: an attribute for each slot, one for the account's state, the item's `rev`, and the name
 * of the table.
 *
 * A restored ledger is a table of another name. What waited when it was saved may be paid by now, so the first read of
 * such an item pauses all calls, in the write that replaces the name. A person resumes them.
 */
export const createGateStore = (
  client: DynamoDBClient,
  tableName: string,
  onUnreadable?: OnUnreadable,
  clock: Clock = Date.now,
): GateStore => {
  const Key = toItem({ id: GATE_ID });

  /** The slots of the item as it was read last, each with its stored text: most are the same the next time. */
  let known: ReadonlyMap<string, { readonly text: string; readonly value: z.infer<typeof slot> }> = new Map();

  const parsed = (
    item: Item | undefined,
  ): { readonly view: GateView; readonly ledger?: string | undefined } => {
    if (!item) return { view: EMPTY_GATE };
    const texts = new Map(
      Object.entries(item).flatMap(([name, value]) =>
        SLOT.test(name) ? [[name, JSON.stringify(value)] as const] : [],
      ),
    );
    const isKnown = (name: string): boolean => texts.has(name) && texts.get(name) === known.get(name)?.text;
    const changed = Object.entries(item).filter(([name]) => !isKnown(name));
    const read = readItem(parseGate, Object.fromEntries(changed), onUnreadable);
    if (!read) {
      throw new UnreadableItem(
        GATE_ID,
        'It holds the state of the account: no paid calls are made, and requests wait in the queue.',
      );
    }
    known = new Map(
      [...texts].flatMap(([name, text]) => {
        const value = read.slots[name] ?? known.get(name)?.value;
        return value ? [[name, { text, value }]] : [];
      }),
    );
    const slots = [...known].map(([name, { value }]) => [Number(name.replace('slot', '')), value] as const);
    return {
      view: { rev: read.rev, slots: new Map(slots), account: read.account },
      ledger: read.ledger,
    };
  };

  const read = async (): Promise<Item | undefined> =>
    (await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item;

  /** Writes parts and the table's name together, if the item is as seen. Returns the item after that. */
  const update = async (parts: ReadonlyMap<string, object>, { revs, origin }: Seen) => {
    const rev = randomUUID();
    const conditions = [
      ...revs.map(({ attribute, path, rev: seenRev }) =>
        seenRev === undefined ? `attribute_not_exists(#${attribute})` : `${path} = :${attribute}_seen`,
      ),
      origin === undefined ? '(attribute_not_exists(#ledger) OR #ledger = :ledger)' : '#ledger = :origin',
    ];
    const assigned = ['ledger', 'rev', ...parts.keys()];
    const values = [
      [':ledger', tableName],
      [':rev', rev],
      ...(origin === undefined ? [] : [[':origin', origin]]),
      ...[...parts].map(([name, value]) => [`:${name}`, { ...value, rev }]),
      ...revs.flatMap(({ attribute, rev: seenRev }) =>
        seenRev === undefined ? [] : [[`:${attribute}_seen`, seenRev]],
      ),
    ];
    const names = new Set([...assigned, ...revs.map(({ attribute }) => attribute)]);
    let stored: Item | undefined;
    const conflict = await conflictOf(
      client
        .send(
          new UpdateItemCommand({
            TableName: tableName,
            Key,
            UpdateExpression: `SET ${assigned.map((name) => `#${name} = :${name}`).join(', ')}`,
            ConditionExpression: conditions.join(' AND '),
            ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: toItem(Object.fromEntries(values)),
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        .then(({ Attributes }) => {
          stored = Attributes;
        }),
      read,
    );
    // The SDK repeats a write whose answer was lost. All parts were written together, so one part that is still ours
    // shows that the write succeeded, even if other parts were written since.
    const isOurs = [...parts.keys()].some((name) => conflict?.item?.[name]?.M?.rev?.S === rev);
    return { isWritten: !conflict || isOurs, item: conflict ? conflict.item : stored };
  };

  /** The view of an item of this table. Any other item is first made one, and paused if it was restored. */
  const viewOf = async (item: Item | undefined): Promise<GateView> => {
    const { view, ledger: origin } = parsed(item);
    if (origin === tableName) return view;
    const by = `the service, because this ledger was restored from table ${origin}`;
    const paused = { ...view.account, pause: { since: clock(), by } };
    const bound =
      origin === undefined
        ? await update(new Map(), { revs: [] })
        : await update(new Map([['account', paused]]), {
            revs: [revOfPart('account', view.account?.rev)],
            origin,
          });
    // After a conflict it is the item of a faster process, which may still have to be bound.
    return viewOf(bound.item);
  };

  return {
    read: async () => viewOf(await read()),

    async write({ slots, account, dependsOn }, seen) {
      const parts = new Map<string, object>([...slots].map(([index, value]) => [`slot${index}`, value]));
      if (account) parts.set('account', account);
      const revs =
        dependsOn === 'item'
          ? [revOfItem(seen.rev)]
          : [
              ...dependsOn.slots.map((index) => revOfPart(`slot${index}`, seen.slots.get(index)?.rev)),
              ...(dependsOn.account ? [revOfPart('account', seen.account?.rev)] : []),
            ];
      const { isWritten, item } = await update(parts, { revs });
      return { kind: isWritten ? 'written' : 'conflict', view: await viewOf(item) };
    },
  };
};
