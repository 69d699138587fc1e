/** Runs a task of a client when it is the client's turn. Returns what the task returns. */
export type FairTurns = {
  run: <Value>(client: string, task: () => Promise<Value>) => Promise<Value>
  /** How many tasks of a client wait. */
  waitingOf: (client: string) => number
}

/** `starts` are what starts the waiting tasks, `startedAt` is the number of the last start. */
type Client = { starts: (() => void)[]; running: number; startedAt: number }

/**
 * Runs at most `atOnce` tasks of all clients together. The next place goes to the client with the fewest places, and of
 * these to the one whose last start is the longest ago. So a client with many tasks does not delay those of others by
 * more than one of its own. The tasks of one client start in their order.
 */
export function fairTurns(atOnce: number): FairTurns {
  /** Those with running or waiting tasks. */
  const clients = new Map<string, Client>()
  let running = 0
  let started = 0

  function startNext(): void {
    if (running >= atOnce) return
    const waiting = [...clients.values()].filter(({ starts }) => starts.length > 0)
    const [next] = waiting.toSorted((a, b) => a.running - b.running || a.startedAt - b.startedAt)
    if (!next) return
    running += 1
    next.running += 1
    next.startedAt = ++started
    next.starts.shift()?.()
  }

  return {
    waitingOf: (name) => clients.get(name)?.starts.length ?? 0,
    async run(name, task) {
      const client = clients.get(name) ?? {
        starts: [],
        running: 0,
        // Behind those that have waited since an earlier start, however many new clients come.
        startedAt: started - 0.5,
      }
      clients.set(name, client)
      await new Promise<void>((resolve) => {
        client.starts.push(resolve)
        startNext()
      })
      try {
        return await task()
      } finally {
        running -= 1
        client.running -= 1
        startNext()
        if (client.running === 0 && client.starts.length === 0) clients.delete(name)
      }
    },
  }
}
