import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Deps } from '../deps.ts'
import { BusyError } from '../errors.ts'
import { clientAddress } from '../users/credentials.ts'

/** Too many downloads are being sent: to one client, or to all. */
export class TooManyDownloadsError extends BusyError {
  override readonly name = 'TooManyDownloadsError'
}

type Limits = { perClient: number; total: number }

/**
 * Counts the downloads that are being sent. Each holds a file, buffers and, for an archive, a compressor, until its
 * reader has taken all of it: without a limit, readers that take nothing would have all memory. The returned function
 * counts a download until its response is closed. Throws TooManyDownloadsError.
 */
export function limitDownloads({ config }: Pick<Deps, 'config'>, { perClient, total }: Limits) {
  const byAddress = new Map<string, number>()
  let all = 0
  return (request: IncomingMessage, response: ServerResponse): void => {
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
    response.once('close', () => {
      all -= 1
      const left = (byAddress.get(address) ?? 1) - 1
      if (left > 0) byAddress.set(address, left)
      else byAddress.delete(address)
    })
  }
}
