import type { IncomingMessage } from 'node:http'
import type { Deps } from '../deps.ts'
import { BusyError } from '../errors.ts'
import { clientAddress } from '../users/credentials.ts'

/** Too many downloads are being sent: to one client, or to all. */
export class TooManyDownloadsError extends BusyError {
  override readonly name = 'TooManyDownloadsError'
}

type Limits = { perClient: number; total: number }

/** Runs `send`, which resolves when the response has ended, and counts the download meanwhile. */
export type DownloadLimit = (request: IncomingMessage, send: () => Promise<void>) => Promise<void>

/**
 * Limits the downloads that are sent at a time. Each holds a file, buffers and, for an archive, a compressor, until
 * its reader has taken all of it: without a limit, readers that take nothing would have all memory. Throws
 * TooManyDownloadsError.
 */
export function limitDownloads(
  { config }: Pick<Deps, 'config'>,
  { perClient, total }: Limits,
): DownloadLimit {
  const byAddress = new Map<string, number>()
  let all = 0
  return async (request, send) => {
    const address = clientAddress(request, config.trustedProxies)
    const own = byAddress.get(address) ?? 0
    if (own >= perClient)
      throw new TooManyDownloadsError(
        `${own} such downloads of this address run already: wait for one to end`,
      )
    if (all >= total)
      throw new TooManyDownloadsError(`${all} such downloads run already: try again a little later`)
    byAddress.set(address, own + 1)
    all += 1
    try {
      await send()
    } finally {
      all -= 1
      const left = (byAddress.get(address) ?? 1) - 1
      if (left > 0) byAddress.set(address, left)
      else byAddress.delete(address)
    }
  }
}
