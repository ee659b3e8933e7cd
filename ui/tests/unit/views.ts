/** Steps from one view to the next, for tests that look at a change. */
import type { CallView, View } from "../../src/contract.ts";

/** The same view, newer and changed by `part`. */
export function newer(before: View, part: Partial<View>): View {
  return { ...before, revision: before.revision + 1, ...part };
}

export function withState(call: CallView, state: CallView["state"]): CallView {
  return { ...call, state };
}
