/**
 * Grouping of the recents: by day, then by person.
 *
 * Input: entries of the daemon, newest first. Output: days with rows; a row may stand for several
 * calls of one person in a row and keeps every one of them.
 *
 * # Promises
 *
 * - **R1** no entry is lost or reordered.
 * - **R2** missed and answered calls never share a row, so that each row has one true sentence.
 */
import type { RecentsEntry } from "./contract.ts";
import { dayName, startOfDay } from "./format.ts";

export type Day = { key: string; title: string; rows: Row[] };
export type Row = { key: string; newest: RecentsEntry; entries: RecentsEntry[] };

/** Groups entries into days and rows. */
export function byDay(entries: RecentsEntry[], now: number): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const key = String(startOfDay(entry.started_ms));
    let day = days.at(-1);
    if (day?.key !== key) {
      day = { key, title: dayName(entry.started_ms, now), rows: [] };
      days.push(day);
    }
    addTo(day, entry);
  }
  return days;
}

function addTo(day: Day, entry: RecentsEntry): void {
  const row = day.rows.at(-1);
  if (row && sameRow(row.newest, entry)) row.entries.push(entry);
  else day.rows.push({ key: entry.id, newest: entry, entries: [entry] });
}

function sameRow(a: RecentsEntry, b: RecentsEntry): boolean {
  return (
    a.party.title === b.party.title &&
    a.party.app.id === b.party.app.id &&
    a.missed === b.missed &&
    a.blocked === b.blocked &&
    a.did_not_ring === b.did_not_ring &&
    a.direction === b.direction
  );
}
