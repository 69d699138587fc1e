/** The value below which this part of the values lies; NaN of none. `part`: from 0 to 1. */
export const percentileOf = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(Math.floor(values.length * part), values.length - 1)] ?? NaN

/** How long an action takes, in ms. */
export async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await action()
  return performance.now() - startedAt
}

/** Reads an answer to its end. Throws unless its status is one of these. */
export async function readWhole(url: string, headers: HeadersInit = {}, statuses = [200]): Promise<void> {
  const answer = await fetch(url, { headers, redirect: 'manual' })
  await answer.arrayBuffer()
  if (!statuses.includes(answer.status)) throw new Error(`${url} answered ${answer.status}`)
}
