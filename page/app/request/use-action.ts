import { useEffect, useState } from 'preact/hooks';
import { isPhotoAvatarsError, type RecordView } from '../../../client/index.ts';
import { useStore } from '../store.ts';

/** Runs actions of one record. The record of the answer is shown, also that of a refusal; a failure stays in sight. */
export const useAction = (id: string) => {
  const { show, announcement } = useStore();
  const [busy, setBusy] = useState<string>();
  const [error, setError] = useState<unknown>();
  useEffect(() => setError(undefined), [id]);
  const run = async (name: string, call: () => Promise<RecordView>): Promise<void> => {
    if (busy !== undefined) return;
    setBusy(name);
    setError(undefined);
    try {
      const record = await call();
      show(record);
      announcement.value = `${name}: done.`;
    } catch (failure) {
      setError(failure);
      if (isPhotoAvatarsError(failure) && failure.record) show(failure.record);
    }
    setBusy(undefined);
  };
  return { busy, error, run };
};
