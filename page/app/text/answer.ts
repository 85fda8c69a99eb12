import type { DryRun, RecordView } from '../../../client/index.ts';
import { stateText } from './account.ts';

/** What the answer to a request means, as sentences. */
export const answerText = (
  record: RecordView,
  { isReplayed, isSimulated }: { readonly isReplayed: boolean; readonly isSimulated: boolean },
): string => {
  const before = isReplayed ? 'This key has a request already, so nothing was charged again. ' : '';
  switch (record.status) {
    case 'generating':
      return `${before}JoggAI accepted it, and it is paid for. ${isSimulated ? 'The simulator sends the pictures soon.' : 'The pictures usually take 2 to 5 minutes.'}`;
    case 'queued':
      return `${before}It is recorded and waits in the line. Nothing is charged yet.${record.error ? ` ${record.error.message}` : ''}`;
    case 'submitting':
      return `${before}JoggAI is being called for it.`;
    case 'succeeded':
      return `${before}Its pictures are here.`;
    case 'in_doubt':
      return `${before}It is in doubt: JoggAI may have charged it. A person decides what becomes of it.`;
    default:
      return `${before}It is ${record.status}. ${record.error ? `${record.error.message} ${record.error.advice}` : ''}`.trim();
  }
};

const KEY_TEXT: Readonly<Record<DryRun['api_key'], string>> = {
  present: 'The JoggAI key is present.',
  unset: 'The secret has no JoggAI key yet, so the request would be refused.',
  malformed: 'The secret does not hold a usable JoggAI key, so the request would be refused.',
  unreadable: 'The secret could not be read, so the request would be refused.',
};

/** What a dry run found, as sentences. */
export const dryRunText = ({ account, api_key: key }: DryRun, now: number): string => {
  const { name, why, end } = stateText(account, now);
  const state = why ? `The account is ${name.toLowerCase()}: ${why} ${end}` : 'JoggAI can be called now.';
  return `The request is valid. ${KEY_TEXT[key]} ${state} Nothing was recorded or charged.`;
};
