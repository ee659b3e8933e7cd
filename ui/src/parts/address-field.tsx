/** A field for a number or address: no corrections, left to right, with the hint `${id}-hint`. */
export function AddressField(props: {
  id: string;
  label: string;
  text: string;
  onText: (text: string) => void;
}) {
  return (
    <label class="field">
      {props.label}
      <input
        id={props.id}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxLength={256}
        dir="ltr"
        aria-describedby={`${props.id}-hint`}
      />
    </label>
  );
}
