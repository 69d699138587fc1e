/** Whether the server is about to stop: it still answers, but says that it is not ready. */
export type Drain = { begin: () => void; hasBegun: () => boolean }

export function createDrain(): Drain {
  let hasBegun = false
  return {
    begin() {
      hasBegun = true
    },
    hasBegun: () => hasBegun,
  }
}
