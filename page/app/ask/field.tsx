import { useId, useState } from 'preact/hooks';
import { PREVIEW_ROUTE } from '../../contract.ts';
import type { FormField } from './fields.ts';

interface FieldProps {
  readonly field: FormField;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** More choices than these are a list to open. */
const MAX_BUTTONS = 4;

export const Field = (props: FieldProps) => {
  const { choices = [], isUrl } = props.field;
  if (choices.length > MAX_BUTTONS) return <ListField {...props} />;
  if (choices.length > 0) return <ChoiceField {...props} />;
  return isUrl ? <UrlField {...props} /> : <TextField {...props} />;
};

const Optional = ({ field }: { readonly field: FormField }) =>
  field.isRequired ? null : <span class="faint"> optional</span>;

const Label = ({ id, field }: { readonly id: string; readonly field: FormField }) => (
  <label for={`${id}-input`} title={field.hint}>
    {field.label}
    <Optional field={field} />
  </label>
);

const ErrorText = ({ id, error }: { readonly id: string; readonly error: string | undefined }) =>
  error === undefined ? null : (
    <p class="error" id={id}>
      {error.charAt(0).toUpperCase() + error.slice(1)}.
    </p>
  );

const ChoiceField = ({ field, value, error, onChange }: FieldProps) => {
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={error && id}>
      <legend title={field.hint}>
        {field.label}
        <Optional field={field} />
      </legend>
      <div class="choices">
        {field.choices?.map((choice) => (
          <label key={choice} class={choice === value ? 'choice on' : 'choice'}>
            <input
              type="radio"
              name={field.name}
              value={choice}
              checked={choice === value}
              aria-invalid={error !== undefined}
              onChange={() => onChange(choice)}
            />
            <Shape choice={choice} />
            {choice}
          </label>
        ))}
      </div>
      <ErrorText id={id} error={error} />
    </fieldset>
  );
};

const SHAPES: Readonly<Record<string, readonly [number, number]>> = {
  portrait: [7, 10],
  landscape: [12, 8],
  square: [9, 9],
};

/** The shape of a picture, beside its name. */
const Shape = ({ choice }: { readonly choice: string }) => {
  const [width, height] = SHAPES[choice] ?? [];
  if (width === undefined || height === undefined) return null;
  return (
    <svg class="shape" viewBox="0 0 14 14" aria-hidden="true">
      <rect x={7 - width / 2} y={7 - height / 2} width={width} height={height} rx="1.5" />
    </svg>
  );
};

const ListField = ({ field, value, error, onChange }: FieldProps) => {
  const id = useId();
  return (
    <div class="field">
      <Label id={id} field={field} />
      <select
        id={`${id}-input`}
        name={field.name}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={error && id}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        <option value="">{field.isRequired ? 'Choose…' : 'Any'}</option>
        {field.choices?.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
      <ErrorText id={id} error={error} />
    </div>
  );
};

const TextField = ({ field, value, error, onChange }: FieldProps) => {
  const id = useId();
  const { maxLength } = field;
  const isLong = maxLength !== undefined && value.length > maxLength;
  return (
    <div class="field">
      <div class="label-row">
        <label for={`${id}-input`}>
          {field.label}
          <Optional field={field} />
        </label>
        {maxLength !== undefined && (
          <span class={isLong ? 'counter error' : 'counter'}>
            {value.length.toLocaleString('en')} / {maxLength.toLocaleString('en')}
          </span>
        )}
      </div>
      <textarea
        id={`${id}-input`}
        name={field.name}
        rows={2}
        value={value}
        placeholder={field.hint}
        aria-invalid={error !== undefined || isLong}
        aria-describedby={error && id}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <ErrorText id={id} error={error} />
    </div>
  );
};

const UrlField = ({ field, value, error, onChange }: FieldProps) => {
  const id = useId();
  const [shown, setShown] = useState<string>();
  const canShow = URL.canParse(value);
  return (
    <div class="field">
      <Label id={id} field={field} />
      <div class="with-button">
        <input
          id={`${id}-input`}
          name={field.name}
          type="url"
          inputMode="url"
          autoComplete="off"
          placeholder="https://…"
          value={value}
          aria-invalid={error !== undefined}
          aria-describedby={error && id}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
        <button
          type="button"
          disabled={!canShow}
          title="Your browser loads the image from that address."
          onClick={() => setShown(shown === value ? undefined : value)}
        >
          {shown === value && canShow ? 'Hide' : 'Show'}
        </button>
      </div>
      {shown === value && canShow && (
        <iframe
          class="preview"
          title="Preview of the reference image"
          sandbox=""
          referrerpolicy="no-referrer"
          src={`${PREVIEW_ROUTE}?url=${encodeURIComponent(value)}`}
        />
      )}
      <ErrorText id={id} error={error} />
    </div>
  );
};
