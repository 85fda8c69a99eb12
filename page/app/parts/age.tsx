import { useStore } from '../store.ts';
import { durationText, momentText } from '../text/durations.ts';

/** How long ago it was, with the time itself. */
export const Age = ({ at }: { readonly at: string }) => {
  const { now } = useStore();
  return (
    <time dateTime={at} title={momentText(at, now.value)}>
      {durationText(now.value - Date.parse(at))}
    </time>
  );
};
