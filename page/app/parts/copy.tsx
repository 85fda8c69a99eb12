import { useState } from 'preact/hooks';
import { useStore } from '../store.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';

interface CopyProps {
  /** What it is: `Copy ${what}`. */
  readonly what: string;
  readonly text: string;
  readonly isIconOnly?: boolean;
}

export const Copy = ({ what, text, isIconOnly = false }: CopyProps) => {
  const { announcement } = useStore();
  const [copied, setCopied] = useState<string>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(text);
      announcement.value = `Copied: ${what}.`;
    } catch {
      announcement.value = 'The browser did not allow the copy.';
    }
  };
  const isDone = copied === text;
  return (
    <button
      type="button"
      class={isIconOnly ? 'quiet square' : 'small'}
      aria-label={isIconOnly ? `Copy ${what}` : undefined}
      title={`Copy ${what}`}
      onClick={copy}
      onBlur={() => setCopied(undefined)}
    >
      {isDone ? <CheckIcon /> : <CopyIcon />}
      {!isIconOnly && (isDone ? 'Copied' : what)}
    </button>
  );
};
