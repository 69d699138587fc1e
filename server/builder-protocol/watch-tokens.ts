import type { Deps } from '../deps.ts'
import type { TokenId } from '../ids.ts'
import { perServer } from '../per-server.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { viewerOfToken } from '../users/authenticate-token.ts'
import type { Right } from '../users/rights.ts'

type WatchDeps = Pick<Deps, 'clock' | 'db' | 'events' | 'log'>
type Watched = { token: TokenId; address: string; right: Right; onOver: () => void }

/** A connection of a worker lasts for months: it ends so long after its token does. */
export const watchEveryMs = 5_000

const watches = perServer(() => ({ watched: new Set<Watched>(), isTiming: false }))

/**
 * Calls `onOver` once when a token that counted for a connection does so no more: it was revoked, has expired, or its user has lost
 * the right. All tokens are looked at together, in one statement. Returns a function that ends this.
 */
export function watchToken(deps: WatchDeps, one: Watched): () => void {
  const { watched } = watches(deps.events)
  watched.add(one)
  startTimer(deps)
  return () => void watched.delete(one)
}

function startTimer(deps: WatchDeps): void {
  const state = watches(deps.events)
  if (state.isTiming || state.watched.size === 0) return
  state.isTiming = true
  deps.clock.after(watchEveryMs, () => {
    void look(deps, state.watched)
      .catch((error: unknown) => deps.log.warn({ err: error }, 'tokens of workers not looked at'))
      .finally(() => {
        state.isTiming = false
        startTimer(deps)
      })
  })
}

async function look({ clock, db }: WatchDeps, watched: Set<Watched>): Promise<void> {
  const all = [...watched]
  const ids = [...new Set(all.map(({ token }) => token))]
  const tokens = await inSlices(ids, parametersPerStatement, (slice) =>
    db.token.findMany({ where: { id: { in: slice } }, include: { user: true } }),
  )
  const byId = new Map(tokens.map((token) => [token.id, token]))
  const now = clock.now()
  for (const one of all) {
    const token = byId.get(one.token)
    if (token && viewerOfToken(token, { address: one.address, now })?.rights.has(one.right)) continue
    // It may have ended meanwhile.
    if (watched.delete(one)) one.onOver()
  }
}
