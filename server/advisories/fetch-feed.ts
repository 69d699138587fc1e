import { Readable } from 'node:stream'
import { AnswerTooLargeError } from '../http-client.ts'
import { sendSafely } from '../safe-request.ts'
import { reachOf } from '../webhooks/webhook-reach.ts'
import { FeedError, filesOfTar, filesOfZip, type FeedFile } from './read-feed.ts'

const maxFeedBytes = 64 * 1024 ** 2
const timeoutMs = 60_000
const maxRedirections = 5

/**
 * The advisories in the archive at an address, a `.zip` or a `.tar.gz` by its content. `places`: where it, and what it leads to, may be, as
 * `--webhook-allow` says. Throws FeedError, AddressRefusedError, AnswerTooLargeError, and errors of the network.
 */
export async function* fetchFeed(url: string, places: string): AsyncGenerator<FeedFile, void, void> {
  const bytes = await download(url, places)
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) yield* filesOfZip(bytes)
  else if (bytes[0] === 0x1f && bytes[1] === 0x8b) yield* filesOfTar(Readable.from([bytes]))
  else throw new FeedError(`what is at ${url} is no .zip and no .tar.gz`)
}

/** Archives of GitHub are elsewhere than their addresses say. Each address on the way is judged. */
async function download(url: string, places: string): Promise<Buffer> {
  let at = url
  for (let count = 0; count <= maxRedirections; count++) {
    const sent = { headers: { accept: '*/*', 'user-agent': 'builder-hub' }, timeoutMs }
    const { status, headers, body, isCut } = await sendSafely(at, reachOf(places, at), sent, maxFeedBytes)
    const next = status >= 300 && status < 400 ? headers.location : undefined
    if (next === undefined) {
      if (status !== 200) throw new FeedError(`${new URL(at).host} answers with status ${status}`)
      if (isCut) throw new AnswerTooLargeError(`${at} has more than ${maxFeedBytes / 1024 ** 2} MiB`)
      return body
    }
    if (!URL.canParse(next, at)) throw new FeedError(`${new URL(at).host} leads to an address that is none`)
    at = new URL(next, at).href
  }
  throw new FeedError(`${url} leads on more than ${maxRedirections} times`)
}
