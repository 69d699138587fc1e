/** A time as an answer of the API has it. */
export const toDate = (text: string): Date => new Date(text)

export const toDateOrNull = (text: string | null): Date | null => (text === null ? null : toDate(text))
