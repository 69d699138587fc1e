import type { Deps } from '../deps.ts'
import { MalformedError } from '../errors.ts'
import { parseTilePath, printBundle, widthIn } from '../formats/tlog/tiles.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import { logPath } from './log-head.ts'
import { proveInclusion, withCosignatures } from './prove.ts'
import { readEntries, readTile } from './read-tiles.ts'
import type { Published } from './transparency-log.ts'

/** The log as C2SP's tlog-tiles has it: each log of the site below its own path, so that the ended ones stay readable. */
export function logRoutes(deps: Pick<Deps, 'db' | 'transparency'>): HttpRoute[] {
  const { db, transparency } = deps

  /** The log of a path, as far as it is published. Null: there is none. */
  async function findLog(number: string | undefined): Promise<Published | null> {
    const wanted = number === undefined ? 1 : Number(number)
    const published = transparency.published()
    if (published?.number === wanted) return published
    const head = await db.logHead.findUnique({ where: { number: Number.isSafeInteger(wanted) ? wanted : 0 } })
    // The newest one grows, or must not be continued.
    const isEnded = head && (await db.logHead.count({ where: { number: { gt: head.number } } })) > 0
    return isEnded && head.note !== null ? { ...head, note: head.note } : null
  }

  const ofLog =
    (answer: (log: Published, context: Parameters<HttpHandler>[0]) => Promise<void>): HttpHandler =>
    async (context) => {
      const log = await findLog(context.params['log'])
      if (log) return answer(log, context)
      sendText(context.response, 404, missing())
    }

  const missing = () =>
    transparency.refusal() === null ? 'there is no such log' : 'the log is not continued now'

  const checkpoint = ofLog(async (log, context) => {
    const headers = { 'Cache-Control': 'public, max-age=2' }
    await sendMade(context, makeAnswer('text/plain', await withCosignatures(db, log, log.note)), headers)
  })

  const tile = ofLog(async ({ number, size }, { request, response, params }) => {
    let wanted
    try {
      wanted = parseTilePath(`tile/${params['*'] ?? ''}`)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      return sendText(response, 400, error.message)
    }
    if (widthIn(size, wanted) < wanted.width)
      return sendText(response, 404, `the log has ${size} entries: there is no such tile yet`)
    const { level, index, width } = wanted
    const bytes =
      level === 'entries'
        ? printBundle(await readEntries(db, number, wanted))
        : Buffer.concat(await readTile(db, number, { level, index, width }))
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': bytes.length,
      'Cache-Control': 'public, max-age=31536000, immutable',
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })

  // Without a number, of the log that grows: who asks need not know how many there were.
  const proof: HttpHandler = async (context) => {
    const wanted = context.params['log']
    const log = wanted === undefined ? transparency.published() : await findLog(wanted)
    if (!log) return sendText(context.response, 404, missing())
    const sha256 = context.params['sha256']?.toLowerCase() ?? ''
    if (!/^[0-9a-f]{64}$/.test(sha256))
      return sendText(context.response, 400, 'the SHA-256 has to be 64 hex digits')
    const text = await proveInclusion(db, log, sha256)
    if (text === null) return sendText(context.response, 404, `the log has nothing about ${sha256} yet`)
    await sendMade(context, makeAnswer('text/plain', text))
  }

  // find-my-way takes a number for the name of an ended log only where it says so.
  return [logPath(1), '/log/:log(^\\d+$)'].flatMap((path) =>
    Object.entries({ checkpoint, 'tile/*': tile, 'proof/:sha256': proof }).map(([name, handle]) => ({
      methods: ['GET', 'HEAD'],
      path: `${path}/${name}`,
      handle,
    })),
  )
}
