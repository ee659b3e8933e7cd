/**
 * What the daemon sends after the first view: only what is other than before.
 *
 * Input: the view at hand and a change. Output: the view it leads to.
 *
 * # Promises
 *
 * - **V1** a change that does not begin at the view at hand is refused: connect anew then.
 */
import type { CallView, View, ViewChange } from "./contract.ts";

/** The view after a change; null if the change does not begin at this view. */
export function follow(view: View | null, change: ViewChange): View | null {
  if (view === null || change.from !== view.revision) return null;
  const cards = new Map<string, CallView>();
  for (const card of [...view.calls, ...change.calls]) cards.set(card.call, card);
  const order = change.order ?? view.calls.map((card) => card.call);
  const calls: CallView[] = [];
  for (const id of order) {
    const card = cards.get(id);
    if (card === undefined) return null;
    calls.push(card);
  }
  return { ...view, ...change.fields, revision: change.revision, calls };
}
