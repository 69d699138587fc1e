/** A time as statements have it: `YYYY-MM-DDTHH:MM:SSZ`. Fractions of a second are cut off. */
export const printTime = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`
