import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../demo/random.ts'
import type { TortureSite } from './site.ts'
import { buildPath, get, makeUpload, send, type Answer, type Upload } from './uploads.ts'

/** What clients have been told, and what they have seen. */
export type Tally = {
  acknowledged: Upload[]
  /** Attempts that were not answered with 201, and were made again. */
  again: number
  /** Acknowledged builds that a server did not show, or not whole. */
  lost: string[]
  /** Answers that no server may give, whatever fails. */
  wrong: string[]
  /** Times of pages that were answered, in milliseconds. */
  pageMs: number[]
}

export type Load = {
  tally: Tally
  /** Resolves when so many uploads more are acknowledged. */
  untilAcknowledged: (more: number) => Promise<void>
  /** Sends a build until it is acknowledged; `servers` in turn. */
  deliver: (upload: Upload, firstAnswer?: Answer) => Promise<void>
  /** A build that no other client sends. */
  next: () => Promise<Upload>
  /** Resolves when each upload that has begun is acknowledged. */
  stop: () => Promise<void>
}

const pauseMs = 50
const senders = 4
const readers = 2

/** Clients that send builds, and others that read, at all servers in turn, whether they run or not. */
export function startLoad(
  { servers }: Pick<TortureSite, 'servers'>,
  { seed, random }: { seed: string; random: Random },
): Load {
  const tally: Tally = { acknowledged: [], again: 0, lost: [], wrong: [], pageMs: [] }
  let count = 0
  let isStopping = false
  let turn = 0
  const nextUrl = () => servers[turn++ % servers.length]?.url ?? ''
  const next = () => makeUpload(seed, count++)

  /** Whether it is acknowledged. */
  function take(upload: Upload, { status, text, retryAfter }: Answer, isFirst: boolean): boolean {
    const isStored = status === 201 || (status === 409 && !isFirst)
    if (isStored) tally.acknowledged.push(upload)
    else if (status !== 0 && (status !== 503 || retryAfter === null))
      tally.wrong.push(
        `upload: ${status}${status === 503 ? ' without Retry-After' : ''} ${text.slice(0, 200)}`,
      )
    return isStored
  }

  async function deliver(upload: Upload, firstAnswer?: Answer): Promise<void> {
    let answer = firstAnswer ?? (await send(nextUrl(), upload.body))
    for (let isFirst = true; !take(upload, answer, isFirst); isFirst = false) {
      tally.again += 1
      await sleep(pauseMs)
      answer = await send(nextUrl(), upload.body)
    }
  }

  async function sendAll(): Promise<void> {
    while (!isStopping) {
      await deliver(await next())
      await sleep(pauseMs)
    }
  }

  async function read(upload: Upload | null): Promise<void> {
    const what = upload ? random.pick(['page', 'file', 'list']) : 'list'
    const path =
      what === 'list' || !upload ? '/' : `${buildPath(upload)}${what === 'file' ? '/f/bin/hello' : ''}`
    const startedAt = performance.now()
    const answer = await get(`${nextUrl()}${path}`)
    if (!answer || (answer.status === 503 && answer.retryAfter !== null)) return
    if (answer.status === 404) tally.lost.push(`GET ${path}: 404`)
    else if (answer.status !== 200) tally.wrong.push(`GET ${path}: ${answer.status}`)
    else if (what === 'file' && upload && !answer.body.equals(upload.content))
      tally.lost.push(`GET ${path}: other bytes`)
    else if (what !== 'file') tally.pageMs.push(performance.now() - startedAt)
  }

  async function readAll(): Promise<void> {
    while (!isStopping) {
      const { acknowledged } = tally
      await read(acknowledged[random.integer(0, Math.max(0, acknowledged.length - 1))] ?? null)
      await sleep(pauseMs)
    }
  }

  const clients = [
    ...Array.from({ length: senders }, () => sendAll()),
    ...Array.from({ length: readers }, () => readAll()),
  ]
  return {
    ...{ tally, deliver, next },
    async untilAcknowledged(more) {
      const until = tally.acknowledged.length + more
      while (tally.acknowledged.length < until) await sleep(10)
    },
    async stop() {
      isStopping = true
      await Promise.all(clients)
    },
  }
}
