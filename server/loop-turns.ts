type Waiting = { turns: number; resolve: () => void }

/** In the order of the calls. */
const waiting: Waiting[] = []
let isScheduled = false
let iterations = 0

/** Of so many iterations, one goes to the caller that has waited longest: without it, long work might never end. */
const oldestEvery = 4

/**
 * Resolves in a later iteration of the event loop: in each iteration for one caller. Work that calls this between its
 * parts never keeps others for longer than one part, also when much of it is under way. `setImmediate` alone runs all
 * that waits in one iteration, so that others wait for the sum.
 *
 * `turns` is how often the same work has waited before: the work with the fewest goes first, so that short work is
 * not late because of long work.
 */
export function nextTurn(turns = 0): Promise<void> {
  return new Promise((resolve) => {
    waiting.push({ turns, resolve })
    schedule()
  })
}

function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  setImmediate(() => {
    isScheduled = false
    takeNext()?.resolve()
    if (waiting.length > 0) schedule()
  })
}

function takeNext(): Waiting | undefined {
  iterations += 1
  if (iterations % oldestEvery === 0) return waiting.shift()
  const fewest = waiting.reduce((least, { turns }) => Math.min(least, turns), Infinity)
  const [next] = waiting.splice(
    waiting.findIndex(({ turns }) => turns === fewest),
    1,
  )
  return next
}
