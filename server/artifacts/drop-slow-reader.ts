import type { ServerResponse } from 'node:http'

/** About 1 kB a second: the slowest networks give more. */
const slowest = { everyMs: 60_000, leastBytes: 64 * 1024 }

/**
 * Closes the connection of a reader that takes less than `leastBytes` within `everyMs`, as long as there is something
 * for it to take. A reader that takes nothing at all is closed by the idle time of its socket; one that takes a byte
 * now and then would hold its file and buffers for ever. The returned function ends the watch.
 */
export function dropSlowReader(response: ServerResponse, { everyMs, leastBytes } = slowest): () => void {
  const { socket } = response
  if (!socket) return () => {}
  let seenBytes = socket.bytesWritten
  const timer = setInterval(() => {
    const takenBytes = socket.bytesWritten - seenBytes
    seenBytes = socket.bytesWritten
    if (response.writableNeedDrain && takenBytes < leastBytes) response.destroy()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
