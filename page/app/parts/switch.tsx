interface SwitchProps {
  readonly name: string;
  /** What happens while it is off. */
  readonly hint: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export const Switch = ({ name, hint, isOn, onChange }: SwitchProps) => (
  <label class="switch">
    <input
      class="toggle"
      type="checkbox"
      checked={isOn}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
    <span>
      {name}
      <small class="faint">{hint}</small>
    </span>
  </label>
);
