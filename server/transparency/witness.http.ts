import type { Deps } from '../deps.ts'
import { maxAddCheckpointBytes } from '../formats/tlog/add-checkpoint.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import { requestBody } from '../request-body.ts'
import { witnessKey } from '../signing/site-keys.ts'
import { addCheckpoint, findWitnessed } from './be-witness.ts'
import { witnessName } from './log-head.ts'

/** This site as a witness of the logs of others: only of those that the operator has named. */
export function witnessRoutes(deps: Pick<Deps, 'clock' | 'config' | 'db' | 'writer'>): HttpRoute[] {
  const { clock, config, db, writer } = deps

  const add: HttpHandler = async ({ request, response }) => {
    const body = await readSmallBody(request)
    if (body === null)
      return sendText(response, 413, `the request has more than ${maxAddCheckpointBytes} bytes`)
    const now = clock.now()
    // Without a log, nobody has asked for a key.
    const isAsked = (await db.witnessedLog.count()) > 0
    const key = isAsked ? await witnessKey(deps, now) : null
    if (!key) return sendText(response, 404, 'this site is no witness of that log')
    const answer = await addCheckpoint({ writer, witness: { name: witnessName(config), key } }, body, now)
    if (answer.status === 200) return sendText(response, 200, answer.text.trimEnd())
    if (answer.status === 409)
      return sendText(response, 409, String(answer.size), { 'Content-Type': 'text/x.tlog.size' })
    sendText(response, answer.status, answer.reason)
  }

  const show: HttpHandler = async (context) => {
    const note = await findWitnessed(db, context.params['id']?.toLowerCase() ?? '')
    if (note === null)
      return sendText(context.response, 404, 'this site has signed no checkpoint of that log')
    await sendMade(context, makeAnswer('text/plain', note))
  }

  return [
    { methods: ['POST'], path: '/witness/add-checkpoint', handle: add, needs: 'none' },
    { methods: ['GET', 'HEAD'], path: '/witness/:id/checkpoint', handle: show },
  ]
}

/** Null: it is too long. */
async function readSmallBody(request: Parameters<HttpHandler>[0]['request']): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of requestBody(request)) {
    size += chunk.length
    if (size > maxAddCheckpointBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
