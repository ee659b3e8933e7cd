/** A field for a number or address: no corrections, left to right; the hint is read with it. */
export function AddressField(props: {
  id: string;
  label: string;
  text: string;
  onText: (text: string) => void;
  hint: string;
}) {
  const hint = `${props.id}-hint`;
  return (
    <>
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
          aria-describedby={hint}
        />
      </label>
      <p class="sub hint" id={hint}>{props.hint}</p>
    </>
  );
}
