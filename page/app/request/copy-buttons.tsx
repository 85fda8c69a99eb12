import type { RecordView } from '../../../client/index.ts';
import { Copy } from '../parts/copy.tsx';
import { useStore } from '../store.ts';
import { showCommand } from '../text/commands.ts';

export const CopyButtons = ({ record }: { readonly record: RecordView }) => {
  const session = useStore().session.value;
  return (
    <section>
      <h3>Copy</h3>
      <div class="buttons start">
        <Copy what="id" text={record.id} />
        <Copy what="JSON" text={JSON.stringify(record, null, 2)} />
        <Copy what="command" text={showCommand(record.id, session, location.origin)} />
      </div>
    </section>
  );
};
