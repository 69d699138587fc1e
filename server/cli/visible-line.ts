import { visibleText } from '../visible-text.ts'

/** A line of output. Names and reasons come from people and workers: nothing in them reaches the terminal unseen. */
export const visibleLine = (text: string): string => `${visibleText(text)}\n`
