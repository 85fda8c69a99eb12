import { useEffect, useState } from 'preact/hooks';
import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';
import { AskForm } from './ask-form.tsx';
import { type FormField, fieldsOf } from './fields.ts';

/** The form for a request. Its fields are those of the service's contract. */
export const Ask = () => {
  const { service } = useStore();
  const [fields, setFields] = useState<readonly FormField[]>();
  const [error, setError] = useState<unknown>();
  const read = async () => {
    setError(undefined);
    try {
      setFields(fieldsOf(await service.contract()));
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => void read(), []);
  return (
    <section class="ask panel" id="ask" aria-labelledby="ask-title">
      <h2 id="ask-title">New request</h2>
      {fields && <AskForm fields={fields} />}
      {error !== undefined && (
        <>
          <TroubleBox error={error} />
          <button type="button" onClick={read}>
            Read the contract again
          </button>
        </>
      )}
    </section>
  );
};
