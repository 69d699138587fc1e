import type { Deps } from '../deps.ts'
import { encodeCommand } from '../formats/builder-command-encoder.ts'
import type { LiveConsole } from '../live-console/live-console.ts'
import type { Peer } from './peer.ts'

export type ObserveDeps = Pick<Deps, 'clock' | 'consoles' | 'db'>

/**
 * Sends the console of a try, or of the latest try of a run: what was, then what comes, then how it ended. A client that
 * reads slowly gets all lines, later. It is over when the try is over, also one whose worker was lost.
 */
export async function observe({ clock, consoles, db }: ObserveDeps, peer: Peer, uuid: string): Promise<void> {
  const found = await findConsole({ consoles, db }, uuid)
  if (!found) {
    await peer.send(encodeCommand({ kind: 'failure', message: 'uuid not found' }))
    return
  }
  const { console, assignedAt } = found
  const gone = signalOfEnd(peer)
  for await (const { entries } of console.follow(0, gone))
    await peer.send(
      ...entries.map(({ deltaNs, text }) =>
        encodeCommand({ kind: 'outputTimestamped', uuid, text, deltaNs }),
      ),
    )
  if (gone.aborted) return
  if (console.result === null) {
    await peer.send(encodeCommand({ kind: 'failure', message: 'the hub stops: observe it again later' }))
    return
  }
  const deltaNs = BigInt(Math.max(0, clock.now().getTime() - assignedAt.getTime())) * 1_000_000n
  const text = Buffer.from(console.result)
  await peer.send(
    encodeCommand({ kind: 'outputTimestamped', uuid, text, deltaNs }),
    encodeCommand({ kind: 'success' }),
  )
}

/** A client that closes its side has gone, as builder-client does. What it still sends is not read. */
function signalOfEnd(peer: Peer): AbortSignal {
  const abort = new AbortController()
  peer.gone.addEventListener('abort', () => abort.abort(), { once: true })
  peer.frames.open().then(
    (head) => head ?? abort.abort(),
    () => abort.abort(),
  )
  return abort.signal
}

async function findConsole(
  { consoles, db }: Pick<Deps, 'consoles' | 'db'>,
  uuid: string,
): Promise<{ console: LiveConsole; assignedAt: Date } | null> {
  // The first try has the UUID of its run: later ones are what whoever names the run wants to see.
  const attempt = await db.runTry.findFirst({
    where: { OR: [{ uuid }, { run: { uuid } }] },
    orderBy: { number: 'desc' },
    select: { uuid: true, assignedAt: true },
  })
  const console = attempt && consoles.find(attempt.uuid)
  return console && { console, assignedAt: attempt.assignedAt }
}
