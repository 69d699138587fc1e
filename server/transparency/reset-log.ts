import type { Config } from '../config.ts'
import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Reader } from '../database/reader.ts'
import type { Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import type { AttestationId } from '../ids.ts'
import { siteKeys, type SigningConfig } from '../signing/site-keys.ts'
import { appendEntries } from './append-entries.ts'
import { readHeadFile, writeHeadFile } from './head-file.ts'
import { checkpointOf, newestHead, originOf, toHex } from './log-head.ts'

/** A log cannot be ended. The message says why. */
export class LogResetError extends DomainError {
  override readonly name = 'LogResetError'
}

type Site = {
  config: SigningConfig & Pick<Config, 'publicUrl' | 'host' | 'port'>
  db: Reader
  writer: Writer
}

/**
 * Ends the log of the site, and begins one with a new origin. Its first entry names the root that was published last. The sequencer puts all
 * statements that the site has into it. Returns the new origin. Throws LogResetError, HeadFileError.
 */
export async function resetLog({ config, db, writer }: Site, act: Act): Promise<string> {
  const keys = await siteKeys({ config, db, writer }, act.at)
  if (!keys) throw new LogResetError('the site signs nothing: --signing is off')
  const published = await readHeadFile(config.dataDir)
  const { number, origin, text } = await writer.transact(['facts'], async (tx) => {
    const old = await newestHead(tx)
    if (!old && !published) throw new LogResetError('the site has no log yet: the server begins it')
    // What a restored database does not know was published nevertheless.
    const next = Math.max(old?.number ?? 0, published?.log ?? 0) + 1
    const last = published?.checkpoint ?? (old?.note ? checkpointOf(old.note) : null)
    const head = await tx.logHead.create({
      data: {
        ...{ number: next, origin: originOf(config, next), size: 0, edge: new Uint8Array() },
        ...{ lastAttestationId: 0 as AttestationId, startedAt: act.at },
      },
    })
    const entry = {
      ...{ kind: 'reset' as const, sha256: toHex(last?.root ?? new Uint8Array(32)), subjects: [], keyid: '' },
      time: Math.floor(act.at.getTime() / 1000),
    }
    const made = { entries: [entry], lastAttestationId: 0 as AttestationId }
    const note = await appendEntries(tx, head, made, keys.LOG.privateKey)
    const detail = { from: last?.origin ?? null, size: last?.size ?? 0 }
    await recordAudit(tx, { ...act, action: 'log.reset', target: head.origin, detail })
    return { number: next, origin: head.origin, text: note.slice(0, note.lastIndexOf('\n\n') + 1) }
  })
  await writeHeadFile(config.dataDir, number, text)
  return origin
}
