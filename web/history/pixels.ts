/** About that of a digit at 12 pixels; labels are mostly digits. */
export const letterWidth = 7

/** A tenth of a pixel is nothing to see. */
export function round(value: number): number {
  return Math.round(value * 10) / 10
}
