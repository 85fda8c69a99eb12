import { isPhotoAvatarsError } from '../../../client/index.ts';
import { isSimulated } from '../../../lambda/shared/is-simulated.ts';
import { ArrowIcon } from '../parts/icons.tsx';
import { StatusMark } from '../parts/status.tsx';
import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';
import { answerText, dryRunText } from '../text/answer.ts';
import type { AskAnswer } from './use-ask.ts';
import { useFollowed } from './use-followed.ts';

/** What became of the call, as sentences. */
export const AskResult = ({ result }: { readonly result: AskAnswer | undefined }) => {
  const { account, now } = useStore();
  const { value } = account.state.value;
  const submitted = result?.submitted;
  const failedRecord = isPhotoAvatarsError(result?.error) ? result.error.record : undefined;
  const followed = useFollowed(submitted?.record);
  const record = followed ?? failedRecord;
  return (
    <div aria-live="polite" data-testid="answer">
      {submitted && followed && (
        <div class="box good">
          <div>
            <StatusMark status={followed.status} />
            <p>
              {answerText(followed, {
                isReplayed: submitted.replayed,
                isSimulated: value !== undefined && isSimulated(value),
              })}
            </p>
          </div>
        </div>
      )}
      {result?.dryRun && (
        <div class="box">
          <p>{dryRunText(result.dryRun, now.peek())}</p>
        </div>
      )}
      <TroubleBox error={result?.error} />
      {record && <OpenLink id={record.id} />}
    </div>
  );
};

const OpenLink = ({ id }: { readonly id: string }) => {
  const { linkTo } = useStore();
  return (
    <a class="open-link" href={linkTo({ view: 'line', id })}>
      Open the request <ArrowIcon />
    </a>
  );
};
