/** The values at an axis, the least and the greatest of which bound it. */
export interface Axis {
  low: number;
  high: number;
  ticks: number[];
}

/**
 * An axis of about four whole numbers that counts lie on. It begins at zero, unless all of them lie so far above that
 * nobody would see them move.
 */
export function axisOf(counts: readonly number[]): Axis {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const near = least > 0 && most > least && most - least < most / 4;
  const bottom = near ? least : 0;
  const step = stepOf(Math.max(1, most - bottom) / 3);
  const low = Math.floor(bottom / step) * step;
  const high = Math.max(low + step, Math.ceil(most / step) * step);
  return { low, high, ticks: Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step) };
}

/** The next whole number of 1, 2, 5, 10, 20 ... that is no smaller. */
function stepOf(least: number): number {
  const ten = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((times) => times * ten).find((step) => step >= least) ?? 10 * ten;
}
