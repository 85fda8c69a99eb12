import { Copy } from '../parts/copy.tsx';
import { type Draft, isFinal } from './draft.ts';

/** The key of the next call, so that a person can store it. */
export const KeyLine = ({ draft, onNewKey }: { readonly draft: Draft; readonly onNewKey: () => void }) => (
  <details class="key-line">
    <summary>
      <span>Idempotency key</span>
      <code>{draft.key.slice(0, 8)}…</code>
    </summary>
    <p class="key-value">
      <code data-testid="key">{draft.key}</code>
      <Copy what="Idempotency key" text={draft.key} isIconOnly />
    </p>
    <p class="faint">
      The same request with the same key is paid at most once, however often it is sent. The key stays until
      the request has an answer.
      {isFinal(draft) && ' This key has its request: another call gets a new one.'}
    </p>
    {draft.sent?.answer !== 'none' && (
      <button type="button" class="small" onClick={onNewKey}>
        New key
      </button>
    )}
  </details>
);
