/** Runs actions one after the other, in the order of the calls; urgent ones before all others that wait. */
export function oneAtATime() {
  const urgent: (() => void)[] = []
  const others: (() => void)[] = []
  let isBusy = false

  function next(): void {
    const start = urgent.shift() ?? others.shift()
    if (start) start()
    else isBusy = false
  }

  return async <Value>(action: () => Promise<Value>, { isUrgent = false } = {}): Promise<Value> => {
    if (isBusy) await new Promise<void>((resolve) => (isUrgent ? urgent : others).push(resolve))
    isBusy = true
    try {
      return await action()
    } finally {
      next()
    }
  }
}
