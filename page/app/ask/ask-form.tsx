import { useEffect, useRef, useState } from 'preact/hooks';
import { isPhotoAvatarsError } from '../../../client/index.ts';
import { useStore } from '../store.ts';
import { AskResult } from './ask-result.tsx';
import { isFinal, isUnanswered, mayBePaidAlready } from './draft.ts';
import { Field } from './field.tsx';
import { EXAMPLES, type FormField, missingOf } from './fields.ts';
import { KeyLine } from './key-line.tsx';
import { PayButton } from './pay-button.tsx';
import { ReplaceDraft } from './replace-draft.tsx';
import { useAsk } from './use-ask.ts';

export const AskForm = ({ fields }: { readonly fields: readonly FormField[] }) => {
  const { account } = useStore();
  const ask = useAsk(fields);
  const { draft, body, result } = ask;
  const [hasTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const missing = missingOf(fields, draft.values);
  const errors = isPhotoAvatarsError(result?.error) ? result.error.fieldErrors : [];
  const errorOf = ({ name, isRequired }: FormField): string | undefined =>
    errors.find(({ field }) => field === name)?.message ??
    (hasTried && isRequired && !draft.values[name] ? 'is required' : undefined);

  // The first field with an error is where the person goes on.
  useEffect(() => {
    if (errors.length > 0 || (hasTried && missing.length > 0)) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [result, hasTried]);

  const submit = (run: () => Promise<void>) => {
    setTried(missing.length > 0);
    if (missing.length === 0) void run();
  };

  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit(ask.submit);
      }}
    >
      <ReplaceDraft draft={draft} onReplace={ask.replace} />
      <div class="ask-body">
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            value={draft.values[field.name] ?? ''}
            error={errorOf(field)}
            onChange={(value) => ask.change({ ...draft.values, [field.name]: value })}
          />
        ))}
        <label class="check">
          <input
            type="checkbox"
            checked={draft.mayWait}
            onChange={({ currentTarget }) => ask.setMayWait(currentTarget.checked)}
          />
          <span>
            Let it wait in the line
            <small class="faint">
              {draft.mayWait
                ? 'It is recorded, and submitted within a minute, or when a pause or a block ends.'
                : 'It is submitted now. While the account is paused or blocked it is refused, and not charged.'}
            </small>
          </span>
        </label>
        <KeyLine draft={draft} onNewKey={ask.anotherOne} />
      </div>
      <div class="ask-foot">
        {mayBePaidAlready(draft, body) && (
          <div class="box warn" role="status">
            <div>
              <strong>The request that you sent before may be paid already</strong>
              <p>
                It got no answer, and it was another one. Send it again unchanged to see what became of it:
                its key makes sure that it is paid at most once. What is in the form now is a second paid
                call, under a new key.
              </p>
              <button type="button" class="small" onClick={ask.restore}>
                Back to what was sent
              </button>
            </div>
          </div>
        )}
        {isUnanswered(draft, body) && ask.busy === undefined && (
          <p class="box warn" role="status">
            This request was sent, and there is no answer. Send it again: with the same key it is paid at most
            once.
          </p>
        )}
        {hasTried && missing.length > 0 && (
          <p class="error" role="alert">
            Choose {missing.join(', ')}. Nothing was sent.
          </p>
        )}
        <AskResult result={result} />
        {isFinal(draft) ? (
          <button type="button" class="primary wide" onClick={ask.anotherOne}>
            Ask for another one
          </button>
        ) : (
          <PayButton
            isBusy={ask.busy === 'submit'}
            isDisabled={ask.busy !== undefined}
            account={account.state.value.value}
          />
        )}
        <button
          type="button"
          disabled={ask.busy !== undefined}
          title="Validates the request, and looks at the key and the account. It costs nothing."
          onClick={() => submit(ask.check)}
        >
          {ask.busy === 'check' ? 'Checking…' : 'Check for free'}
        </button>
        <ExampleButton onFill={ask.change} />
      </div>
    </form>
  );
};

const ExampleButton = ({
  onFill,
}: {
  readonly onFill: (values: Readonly<Record<string, string>>) => void;
}) => {
  const [next, setNext] = useState(0);
  return (
    <button
      type="button"
      class="quiet"
      title="Fills the form with an example."
      onClick={() => {
        onFill(EXAMPLES[next % EXAMPLES.length] ?? {});
        setNext(next + 1);
      }}
    >
      Example
    </button>
  );
};
