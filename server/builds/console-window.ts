import type { Page } from '../page.ts'

/** The lines of a page: `count` lines from index `start`, which counts from 0. Cursors are line numbers. */
export function consoleWindow(page: Page<number>, lineCount: number) {
  const from = Math.min(page.after ?? 0, lineCount)
  const to = Math.max(from, Math.min((page.before ?? lineCount + 1) - 1, lineCount))
  const start = page.backward ? Math.max(from, to - page.limit) : from
  const end = page.backward ? to : Math.min(to, from + page.limit)
  return { start, count: end - start, hasPreviousPage: start > 0, hasNextPage: end < lineCount }
}
