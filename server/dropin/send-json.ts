import type { IncomingMessage, ServerResponse } from 'node:http'
import { makeAnswer, sendMade, type MadeAnswer } from '../made-answer.ts'

/** A value as JSON that can be sent many times. */
export function makeJson(value: unknown): MadeAnswer {
  return makeAnswer('application/json', JSON.stringify(value))
}

/** Answer with JSON that pages of any origin may read. Browsers get a page at the same address. */
export function sendJson(
  context: { request: IncomingMessage; response: ServerResponse },
  answer: MadeAnswer,
  status = 200,
): Promise<void> {
  const open = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'ETag' }
  return sendMade(context, answer, open, { status, vary: 'Accept' })
}
