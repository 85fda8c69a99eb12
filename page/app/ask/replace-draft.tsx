import { useEffect } from 'preact/hooks';
import type { PhotoAvatarRequest } from '../../../client/index.ts';
import { Dialog } from '../parts/dialog.tsx';
import { useStore } from '../store.ts';
import { type Draft, isWorthKeeping } from './draft.ts';
import type { Values } from './fields.ts';

interface ReplaceDraftProps {
  readonly draft: Draft;
  readonly onReplace: (values: Values) => void;
}

const valuesOf = (request: PhotoAvatarRequest): Values =>
  Object.fromEntries(Object.entries(request).map(([name, value]) => [name, String(value)]));

/** Takes a template over, and asks first if that would overwrite what a person typed. */
export const ReplaceDraft = ({ draft, onReplace }: ReplaceDraftProps) => {
  const { template } = useStore();
  const wanted = template.value;
  const mustAsk = wanted !== undefined && isWorthKeeping(draft);
  const replace = () => {
    if (wanted) onReplace(valuesOf(wanted));
    template.value = undefined;
  };
  useEffect(() => {
    if (wanted && !mustAsk) replace();
  }, [wanted, mustAsk]);
  if (!mustAsk) return null;
  const keep = () => {
    template.value = undefined;
  };
  return (
    <Dialog title="Replace what is in the form?" onClose={keep}>
      <p>
        {draft.sent
          ? 'The form holds a request that got no answer. Its key is the only way to find out whether it is paid.'
          : 'The form holds a request that was not sent yet.'}
      </p>
      <footer class="buttons">
        <button type="button" onClick={keep}>
          Keep the form
        </button>
        <button type="button" class="danger" onClick={replace}>
          Replace it
        </button>
      </footer>
    </Dialog>
  );
};
