import { useEffect, useState } from 'preact/hooks';
import { hasEnded, type RecordView } from '../../../client/index.ts';
import { type LiveValue, live } from '../service/live.ts';
import { useStore } from '../store.ts';

/** From an answer to the next read, in milliseconds. */
const EVERY_MS = 4_000;

/**
 * Follows a request until it ends. A read of one record asks JoggAI when that is due, so its pictures arrive before the
 * next run of dispatch.
 */
export const useFollowed = (first: RecordView | undefined): RecordView | undefined => {
  const { service, show } = useStore();
  const [record, setRecord] = useState<RecordView>();
  useEffect(() => {
    setRecord(first);
    if (first === undefined || hasEnded(first)) return;
    let last = first;
    const reads: LiveValue<RecordView> = live({
      read: () => service.reader.get(first.id),
      everyMs: EVERY_MS,
      isWanted: () => !hasEnded(last),
    });
    const unsubscribe = reads.state.subscribe(({ value }) => {
      if (value === undefined || value.version === last.version) return;
      last = value;
      setRecord(value);
      show(value);
    });
    return () => {
      unsubscribe();
      reads.stop();
    };
  }, [first]);
  return record?.id === first?.id ? record : first;
};
