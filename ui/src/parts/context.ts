/** Hands the client and its screen to every part of the page, without passing them by hand. */
import { createContext } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";

import type { Client, Screen } from "../client.ts";
import type { Guard } from "../guard.ts";
import type { Bindings } from "../keyboard.ts";

export type Page = {
  client: Client;
  screen: Screen;
  guard: Guard;
  /** Whether calls stand at the side; the audio list is then a popover. */
  wide: boolean;
  bindings: Bindings;
  bind: (bindings: Bindings) => void;
};

export const PageContext = createContext<Page | null>(null);

/** The page around a part. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error("a part is drawn outside the page");
  return page;
}

/** A ref for an element that came up by itself: presses on it are guarded at first. */
export function useGuarded<T extends HTMLElement>() {
  const { guard } = usePage();
  const element = useRef<T>(null);
  useEffect(() => {
    if (element.current) guard.stamp(element.current);
  }, [guard]);
  return element;
}
