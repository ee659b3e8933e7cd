/**
 * Where the keyboard is. Called around every drawing.
 *
 * # Promises
 *
 * - **O1** a full card takes the focus, a banner never; a call waiting card only if nothing had it.
 * - **O2** when a card goes, the focus returns to where it was, or to the page, never to nowhere.
 * - **O3** nobody who types loses the focus.
 */

export type CardOnScreen = { key: string; shape: "full" | "banner" | "waiting" };

export class FocusKeeper {
  private card: CardOnScreen | null = null;
  private held: Element | null = null;
  private goBack: Element | null = null;

  /** Before drawing: remembers what has the focus. */
  before(): void {
    this.held = document.activeElement;
  }

  /** After drawing: moves the focus if a card came, changed or went, or if its place is gone. */
  after(card: CardOnScreen | null): void {
    const old = this.card;
    this.card = card;
    if (card && (old?.key !== card.key || old.shape !== card.shape)) this.came(old, card);
    else if (!card && old) this.went();
    else if (lost() && this.held !== document.body) focusOn("main");
  }

  private came(old: CardOnScreen | null, card: CardOnScreen): void {
    if (!old) this.goBack = this.held;
    const hadFocus = old !== null && this.held !== document.body && lost();
    const nobody = this.held === document.body || this.held === null || isMain(this.held);
    if (card.shape === "full" || hadFocus || (card.shape === "waiting" && nobody)) focusOn("card");
  }

  private went(): void {
    const back = this.goBack;
    this.goBack = null;
    if (!lost()) return;
    if (back instanceof HTMLElement && back.isConnected && !back.closest("[inert]")) back.focus();
    if (lost()) focusOn("main");
  }
}

export type Place = "card" | "main" | "dial" | "keypad" | "audio" | "languages" | "sheet";

const PLACES: Record<Place, string> = {
  card: "[data-card]",
  main: "main",
  dial: "#dial-handle",
  keypad: "[data-id=keypad]",
  audio: "[data-id=audio]",
  languages: "[data-id=translate]",
  sheet: "[data-sheet] [data-first]",
};

/** Moves the focus to a place of the page, if it is there. */
export function focusOn(place: Place): void {
  document.querySelector<HTMLElement>(PLACES[place])?.focus({ preventScroll: place === "main" });
}

/** Whether the person is typing text. */
export function isTyping(): boolean {
  const at = document.activeElement;
  return at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement;
}

function lost(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || at.closest("[inert]") !== null;
}

function isMain(element: Element): boolean {
  return element.tagName === "MAIN";
}
