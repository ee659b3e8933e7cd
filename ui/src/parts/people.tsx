/** A titled list of people, numbers or apps, each with a button that takes it out. */
import type { PersonView } from "../contract.ts";
import { plainText } from "../format.ts";
import { strings } from "../strings.ts";
import { Line } from "./person.tsx";
import { Press } from "./press.tsx";

export function People(props: { title: string; empty: string; people: PersonView[] }) {
  return (
    <section aria-label={props.title}>
      <h3>{props.title}</h3>
      {props.people.length === 0 && <p class="empty">{props.empty}</p>}
      <ul>
        {props.people.map((person) => (
          <li key={person.title} class="key-row">
            <span class="t"><Line text={person.title} /></span>
            <Press
              class="btn small line"
              what="remove"
              label={strings.remove}
              name={strings.removePerson(plainText(person.title))}
              request={person.remove}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
