import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { GateStore } from '../domain/gate/gate.ts';
import { EMPTY_GATE, type GateView } from '../domain/gate/gate-rules.ts';
import { BLOCK_REASONS } from '../domain/outcome.ts';
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
const gateParts = z.object({ rev: z.optional(z.string()), slots: z.record(z.string(), slot), account });

const parseGate = ({ rev, account, ...others }: Record<string, unknown>) =>
  gateParts.safeParse({
    rev,
    slots: Object.fromEntries(Object.entries(others).filter(([name]) => SLOT.test(name))),
    account,
  });

/** The gate as one DynamoDB item: an attribute for each slot, one for the account's state, and the item's `rev`. */
export const createGateStore = (
  client: DynamoDBClient,
  tableName: string,
  onUnreadable?: OnUnreadable,
): GateStore => {
  const Key = toItem({ id: GATE_ID });

  const viewOf = (item: Item | undefined): GateView => {
    if (!item) return EMPTY_GATE;
    const read = readItem(parseGate, item, onUnreadable);
    if (!read) {
      throw new UnreadableItem(
        GATE_ID,
        'It holds the state of the account: no paid calls are made, and requests wait in the queue.',
      );
    }
    const slots = Object.entries(read.slots).map(
      ([name, value]) => [Number(name.replace('slot', '')), value] as const,
    );
    return { rev: read.rev, slots: new Map(slots), account: read.account };
  };

  const read = async (): Promise<Item | undefined> =>
    (await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item;

  return {
    read: async () => viewOf(await read()),

    async write({ slots, account, dependsOn }, seen) {
      const rev = randomUUID();
      const parts = new Map<string, object>([...slots].map(([index, value]) => [`slot${index}`, value]));
      if (account) parts.set('account', account);

      /** The attributes that the write depends on, with the path and the value of their `rev`. */
      const seenRevs =
        dependsOn === 'item'
          ? [{ name: 'rev', path: '#rev', value: seen.rev }]
          : [
              ...dependsOn.slots.map((index) => ({
                name: `slot${index}`,
                value: seen.slots.get(index)?.rev,
              })),
              ...(dependsOn.account ? [{ name: 'account', value: seen.account?.rev }] : []),
            ].map((part) => ({ ...part, path: `#${part.name}.rev` }));

      const assignments = ['rev', ...parts.keys()].map((name) => `#${name} = :${name}`);
      const conditions = seenRevs.map(({ name, path, value }) =>
        value === undefined ? `attribute_not_exists(#${name})` : `${path} = :${name}_seen`,
      );
      const names = new Set(['rev', ...parts.keys(), ...seenRevs.map(({ name }) => name)]);
      const values = [
        [':rev', rev],
        ...[...parts].map(([name, value]) => [`:${name}`, { ...value, rev }]),
        ...seenRevs.flatMap(({ name, value }) => (value === undefined ? [] : [[`:${name}_seen`, value]])),
      ];
      let stored: Item | undefined;
      const conflict = await conflictOf(
        client
          .send(
            new UpdateItemCommand({
              TableName: tableName,
              Key,
              UpdateExpression: `SET ${assignments.join(', ')}`,
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
      const view = viewOf(conflict ? conflict.item : stored);
      // The SDK repeats a write whose answer was lost. All parts were written together, so one part that is still ours
      // shows that the write succeeded, even if other parts were written since.
      const isOurs = [...parts.keys()].some((name) => conflict?.item?.[name]?.M?.rev?.S === rev);
      return { kind: conflict && !isOurs ? 'conflict' : 'written', view };
    },
  };
};
