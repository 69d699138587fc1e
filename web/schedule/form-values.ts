import { textOf } from '../admin/ActButton.tsx'

export const wordsIn = (text: string) => text.split(/[\s,]+/).filter(Boolean)

export function numberIn(form: FormData, name: string): number | null {
  const text = textOf(form, name).trim()
  return /^-?\d{1,9}$/.test(text) ? Number(text) : null
}
