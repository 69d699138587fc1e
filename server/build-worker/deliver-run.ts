import type { Peer } from '../builder-protocol/peer.ts'
import { encodeMessage } from '../formats/worker-extension.ts'
import type { RunUnderWay } from './run-under-way.ts'

/** So many bytes of lines are on the way at once that the hub has not stored. */
const windowBytes = 8 * 2 ** 20
/** Of one message, roughly. */
const batchBytes = 256 * 2 ** 10

export type Delivery = {
  /** The hub has stored the first `count` lines. */
  acknowledge: (count: number) => void
  /** Resolves when everything is sent; rejects with what `signal` or the connection rejects with. */
  sent: Promise<void>
}

/** Sends the lines of a run to the hub from number `first` on, as they come, then how it ended, and its files. */
export function deliverRun(peer: Peer, run: RunUnderWay, first: number, signal: AbortSignal): Delivery {
  const onTheWay: { end: number; bytes: number }[] = []
  let bytesOnTheWay = 0
  let resume: (() => void) | null = null
  signal.addEventListener('abort', () => resume?.(), { once: true })

  async function untilRoom(): Promise<void> {
    while (bytesOnTheWay >= windowBytes && !signal.aborted)
      await new Promise<void>((resolve) => (resume = resolve))
    signal.throwIfAborted()
  }

  async function sendLines(): Promise<void> {
    for (let next = first; ;) {
      await run.console.untilMore(next, signal)
      await untilRoom()
      const lines = await run.console.read(next, batchBytes)
      if (lines.length === 0) return
      await peer.send(encodeMessage({ kind: 'lines', uuid: run.uuid, first: next, lines }))
      next += lines.length
      const bytes = lines.reduce((sum, { text }) => sum + text.length, 0)
      onTheWay.push({ end: next, bytes })
      bytesOnTheWay += bytes
    }
  }

  async function sendEnd(): Promise<void> {
    const { uuid } = run
    const { result, detail, files } = await run.ended
    signal.throwIfAborted()
    await peer.send(
      encodeMessage({ kind: 'ended', uuid, result, detail: detail ?? '', fileCount: files.length }),
    )
    for (const { path, mode, sizeBytes, chunks } of files) {
      await peer.send(encodeMessage({ kind: 'file', uuid, path, mode, sizeBytes }))
      for await (const data of chunks()) {
        signal.throwIfAborted()
        await peer.send(encodeMessage({ kind: 'bytes', data }))
      }
    }
  }

  return {
    acknowledge(count) {
      run.console.acknowledge(count)
      while (onTheWay[0] !== undefined && onTheWay[0].end <= count)
        bytesOnTheWay -= onTheWay.shift()?.bytes ?? 0
      resume?.()
    },
    sent: sendLines().then(sendEnd),
  }
}
