import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import {
  encodeExecRecord,
  execRecordSizeBytes,
  type ExecRecord,
} from '../server/formats/exec-record-encoder.ts'

type User = { name: string; password: string }

/** Send a record as builder-server does. Throws unless the server answers 201. */
export async function uploadRecord(url: string, { name, password }: User, record: ExecRecord): Promise<void> {
  const outgoing = request(new URL('/upload', url), {
    method: 'POST',
    auth: `${name}:${password}`,
    headers: { 'Content-Length': execRecordSizeBytes(record) },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
  await pipeline(Readable.from(encodeExecRecord(record)), outgoing)
  const answer = await answered
  const line = (await text(answer)).trim()
  if (answer.statusCode !== 201) throw new Error(`upload of ${record.uuid}: ${answer.statusCode} ${line}`)
}
