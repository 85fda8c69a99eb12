/**
 * An item of the ledger's table that this version of the service cannot read: it was edited by hand, or written by a
 * newer version. Nothing is decided on it. Its content is in no message.
 */
export class UnreadableItem extends Error {
  override readonly name = 'UnreadableItem';

  /** @param consequence what follows from it, in sentences */
  constructor(id: string, consequence: string) {
    super(
      `The ledger's item ${id} cannot be read. ${consequence} An operator must repair it: see docs/operations.md#unreadable-item.`,
    );
  }
}
