import type { IncomingMessage, ServerResponse } from 'node:http'
import { makeAnswer, sendMade, type MadeAnswer } from '../made-answer.ts'

export function makeJson(value: unknown): MadeAnswer {
  return makeAnswer('application/json', JSON.stringify(value))
}

/** Answer with JSON, which anybody may read. The same address has a page for browsers. */
export function sendJson(
  context: { request: IncomingMessage; response: ServerResponse },
  answer: MadeAnswer,
): Promise<void> {
  const open = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'ETag' }
  return sendMade(context, answer, open, { vary: 'Accept' })
}
