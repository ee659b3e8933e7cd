/**
 * How times, days and names are written.
 *
 * Input: milliseconds and text of the daemon. Output: strings for the eye and for the ear.
 *
 * # Promises
 *
 * - **F1** a name never carries control characters or bidirectional overrides.
 * - **F2** times are written the way the browser's language writes them.
 */
import { strings } from "./strings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Control characters, and every mark that can turn the direction of the text after it. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const NUMBER = /^\+?[\d(][\d\s().-]{2,}$/;

/** A name or an app's text without what could restyle or reorder the text around it (F1). */
export function plainText(text: string): string {
  return text.replace(UNSAFE, "");
}

/** Whether a title is a phone number, which is always written left to right. */
export function isNumber(text: string): boolean {
  return NUMBER.test(text.trim());
}

/** "12:04", "1:02:04": time since `from`, never negative. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = pad(total % 60);
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${pad(minutes)}:${seconds}` : `${pad(minutes)}:${seconds}`;
}

/** "12 minutes 4 seconds": the same time for the ear. */
export function spokenDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(total / 3600), "hour"],
    [Math.floor(total / 60) % 60, "minute"],
    [total % 60, "second"],
  ];
  const said = parts.filter(([amount], at) => amount > 0 || (at === 2 && total === 0));
  return said.map(([amount, unit]) => unitText(amount, unit)).join(" ");
}

/** "14:02": when a call began. */
export function timeOfDay(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(ms);
}

/** "Today", "Yesterday", "Monday 16 November": the heading of a day in the recents. */
export function dayName(ms: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(ms)) / (24 * HOUR));
  if (days <= 0) return strings.today;
  if (days === 1) return strings.yesterday;
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  const shape: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  if (!sameYear) shape.year = "numeric";
  return new Intl.DateTimeFormat(undefined, shape).format(ms);
}

/** Local midnight of the day that holds `ms`. */
export function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

function unitText(amount: number, unit: string): string {
  const shape: Intl.NumberFormatOptions = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(strings.lang, shape).format(amount);
}

function pad(part: number): string {
  return String(part).padStart(2, "0");
}
