import { setTimeout as sleep } from 'node:timers/promises'
import type { Peer } from '../builder-protocol/peer.ts'
import { serveBuilder } from './builder-session.ts'
import { serveHub } from './hub-session.ts'
import { negotiate } from './negotiate.ts'
import { dropRun, type Slot, type SlotSite } from './slot-state.ts'

/**
 * Serves one slot until the worker drains: connects, runs what it is given, and connects again after a loss, each time later, up to
 * `site.pauses.maxMs`. Pauses differ by chance, so that the workers of a hub that was restarted do not come at once.
 */
export async function serveSlot(site: SlotSite, slot: Slot): Promise<void> {
  const log = site.log.child({ slot: slot.number })
  const { minMs, maxMs } = site.pauses
  let pauseMs = minMs
  const isDone = () => site.stopping.aborted || (site.draining.aborted && !slot.run)
  try {
    while (!isDone()) {
      try {
        await serveConnection(site, slot, () => (pauseMs = minMs))
        continue
      } catch (error) {
        if (isDone()) return
        log.warn({ err: error, run: slot.run?.uuid }, 'the connection to the server is lost, or not made')
      }
      // A slot without a run has nothing to wait for once the worker drains; one with a run still has to deliver it.
      const until = slot.run ? site.stopping : site.draining
      await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal: until }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, maxMs)
    }
  } finally {
    await dropRun(slot, 'the worker is stopped')
  }
}

async function serveConnection(site: SlotSite, slot: Slot, onServed: () => void): Promise<void> {
  const { server, negotiation, stopping, draining, log } = site
  const signal = slot.run ? stopping : AbortSignal.any([stopping, draining])
  const { peer, protocol } = await negotiate(server, negotiation, signal)
  const stop = () => peer.destroy()
  stopping.addEventListener('abort', stop)
  try {
    log.info({ slot: slot.number, protocol }, 'connected')
    if (protocol === 'hub') await serveHub(site, slot, peer, onServed)
    else await serveBuilderOnce(site, slot, peer, onServed)
  } finally {
    stopping.removeEventListener('abort', stop)
    peer.close()
  }
}

async function serveBuilderOnce(site: SlotSite, slot: Slot, peer: Peer, onServed: () => void): Promise<void> {
  await serveBuilder(site, slot, peer)
  onServed()
}
