/** Arrow keys in a grid or a list: from which place to which. */

/** The place the arrow leads to, or null when the key is not an arrow or there is no such place. */
export function arrowTarget(
  key: string,
  at: number,
  count: number,
  columns: number,
): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: columns > 1 ? -1 : 0,
    ArrowRight: columns > 1 ? 1 : 0,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  const step = steps[key] ?? 0;
  const target = at + step;
  return at < 0 || step === 0 || target < 0 || target >= count ? null : target;
}
