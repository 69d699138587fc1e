import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import { siteKey, siteKeyFile } from '../secrets/site-key.ts'
import { keyPurposes } from '../signing/key-purpose.ts'
import { fileOfKey } from '../signing/site-keys.ts'
import { headFile, writeHeadFile } from '../transparency/head-file.ts'
import { ServerGroupError } from './server-errors.ts'

/** Tells whether two servers have the same key for secrets, without telling the key. */
const markOf = (key: Uint8Array): string =>
  createHash('sha256').update('builder-hub: key for secrets\n').update(key).digest('hex')

/**
 * Several servers have one site: what one seals, the others open, and all sign with the same keys. Nothing is made here unless this is the
 * first server of the site. Returns the mark of the key for secrets. Throws ServerGroupError: files of another server are missing.
 */
export async function checkSameSite(
  config: Pick<Config, 'dataDir' | 'signing' | 'signingKey'>,
  db: Reader,
): Promise<string> {
  const { dataDir } = config
  const other = await db.server.findFirst({
    orderBy: { seenAt: 'desc' },
    select: { name: true, keyMark: true },
  })
  const copy = `copy the folder keys, and the file log-head, from the data directory of another server to ${dataDir}`
  if (other) {
    const file = siteKeyFile(dataDir)
    const own = existsSync(file) ? markOf(readFileSync(file)) : null
    if (own !== other.keyMark)
      throw new ServerGroupError(
        `${file} ${own === null ? 'is missing' : 'is not the one'} that the server ${other.name} has: ${copy}`,
      )
  }
  if (config.signing === 'on') await checkSigning(config, db, copy)
  return markOf(siteKey(dataDir))
}

async function checkSigning(
  config: Pick<Config, 'dataDir' | 'signing' | 'signingKey'>,
  db: Reader,
  copy: string,
): Promise<void> {
  const known = await db.signingKey.findMany({
    where: { purpose: { in: [...keyPurposes] }, retiredAt: null, revokedAt: null },
    select: { purpose: true },
  })
  const files = keyPurposes
    .filter((purpose) => known.some((key) => key.purpose === purpose))
    .map((purpose) => fileOfKey(config, purpose))
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined)
    throw new ServerGroupError(`${missing} is missing, with which this site signs: ${copy}`)
  const head = headFile(config.dataDir)
  if (existsSync(head)) return
  if (await db.logHead.findFirst({ select: { number: true } }))
    throw new ServerGroupError(
      `${head} is missing, which has what the log of this site has published: ${copy}`,
    )
  // The log begins with whichever server is first: for the others it is no foreign one.
  await writeHeadFile(config.dataDir, 1, null)
}
