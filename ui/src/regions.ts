/**
 * The two live regions: what a screen reader says by itself.
 *
 * Input: sentences. Output: the text of the regions, which exist from page load.
 *
 * # Promises
 *
 * - **R1** an equal sentence is said again.
 * - **R2** a sentence does not stay: it is taken out in silence after 10 s, or at once when what it
 *   tells of is gone. A person who walks through the page finds no call there that has ended.
 */

export const SAID_STAYS_MS = 10_000;
/** Between emptying and filling, so that an equal sentence counts as new. */
const REFILL_MS = 20;

export class Region {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly element: HTMLElement;

  constructor(element: HTMLElement) {
    this.element = element;
  }

  /** Says a sentence (R1). */
  say(sentence: string): void {
    this.clear();
    this.timer = setTimeout(() => this.fill(sentence), REFILL_MS);
  }

  /** Takes the sentence out; regions tell what comes, not what goes (R2). */
  clear(): void {
    clearTimeout(this.timer);
    this.element.replaceChildren();
  }

  private fill(sentence: string): void {
    const line = document.createElement("p");
    line.textContent = sentence;
    this.element.replaceChildren(line);
    this.timer = setTimeout(() => this.clear(), SAID_STAYS_MS);
  }
}
