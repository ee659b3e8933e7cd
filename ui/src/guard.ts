/**
 * The press guard: a press that began before a card was on the screen for 300 ms does nothing on
 * it.
 *
 * Input: the moments at which elements appeared and presses began. Output: clicks that pass.
 *
 * # Promises
 *
 * - **G1** a pointer or key that was already down when a card appeared cannot press it.
 * - **G2** a click without a press (an assistive tool's own click) counts from its own moment.
 * - **G3** while the guard holds, the element carries `data-guard`, so that tests can wait.
 */

export const GUARD_MS = 300;

type Timed = { at: number };

export class Guard {
  private readonly shown = new WeakMap<Element, Timed>();
  private press: number | null = null;
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Listens on the page's root, before every other listener. */
  attach(root: HTMLElement): void {
    const began = (event: Event) => this.began(event);
    const ended = () => setTimeout(() => (this.press = null), 50);
    root.addEventListener("pointerdown", began, true);
    root.addEventListener("keydown", began, true);
    for (const name of ["pointerup", "pointercancel", "keyup"]) {
      root.addEventListener(name, ended, true);
    }
    root.addEventListener("click", (event) => this.filter(event), true);
  }

  /** Marks an element as new on the screen. */
  stamp(element: HTMLElement): void {
    this.shown.set(element, { at: this.now() });
    element.dataset["guard"] = "";
    setTimeout(() => delete element.dataset["guard"], GUARD_MS);
  }

  /** Whether a click that began at `press` may act inside `target`. */
  allows(target: Element, press: number): boolean {
    for (let at: Element | null = target; at; at = at.parentElement) {
      const stamp = this.shown.get(at);
      if (stamp && press < stamp.at + GUARD_MS) return false;
    }
    return true;
  }

  private began(event: Event): void {
    if (event instanceof KeyboardEvent) {
      if (event.repeat || (event.key !== "Enter" && event.key !== " ")) return;
    }
    this.press = this.now();
  }

  private filter(event: Event): void {
    const target = event.target;
    if (!(target instanceof Element)) return;
    if (this.allows(target, this.press ?? this.now())) return; // G2
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}
