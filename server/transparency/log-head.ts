import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import { statedUrl } from '../attestations/stated-urls.ts'
import { parseNote } from '../formats/signing/parse-note.ts'
import { parseCheckpoint, type Checkpoint } from '../formats/tlog/checkpoint.ts'
import type { Edge } from '../formats/tlog/merkle.ts'
import type { LogHead } from '../generated/prisma/client.ts'
import { logOrigin, signerName } from '../signing/list-keys.ts'

export const hashBytes = 32

/** Where a log of the site is served: `/log`, and after a reset `/log/2`. */
export const logPath = (number: number): string => (number === 1 ? '/log' : `/log/${number}`)

/** The name of a log. It is fixed when the log begins, and stays when the address of the site changes. */
export const originOf = (config: Pick<Config, 'publicUrl' | 'host' | 'port'>, number: number): string =>
  logOrigin(statedUrl(config)) + logPath(number).slice('/log'.length)

/** The name of this site as a witness of the logs of others. */
export const witnessName = (config: Pick<Config, 'publicUrl' | 'host' | 'port'>): string =>
  `${signerName(statedUrl(config))}/witness`

/** The log that grows; null: none has begun. */
export const newestHead = (db: Reader | Transaction): Promise<LogHead | null> =>
  db.logHead.findFirst({ orderBy: { number: 'desc' } })

/** The hashes of a stored edge, or tile. */
export const splitHashes = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / hashBytes }, (_, n) =>
    bytes.subarray(n * hashBytes, (n + 1) * hashBytes),
  )

export const joinHashes = (hashes: Edge): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.concat(hashes))

/** What a signed note says. */
export const checkpointOf = (note: string): Checkpoint => parseCheckpoint(parseNote(note).text)

export const toBytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
