import { createHash } from 'node:crypto'
import { isBuildHashes, isReadme } from '../builds/artifact-roles.ts'
import { consoleSpool } from '../builds/console-spool.ts'
import type { Reader } from '../database/reader.ts'
import { DomainError } from '../errors.ts'
import type { ExecFacts } from '../formats/exec-record.ts'
import { resultColumns } from '../uploads/derive-columns.ts'
import type { BuildParts } from '../uploads/receive-build.ts'

/** A build with the UUID of the record is stored, and the record has other content. */
export class OtherContentError extends DomainError {
  override readonly name = 'OtherContentError'
}

/** What is stored of a build, as far as a record has it, too. */
export type StoredBuild = NonNullable<Awaited<ReturnType<typeof findStoredBuild>>>

export function findStoredBuild(db: Reader, uuid: string) {
  return db.build.findUnique({
    where: { uuid },
    select: {
      ...{ id: true, uuid: true, job: { select: { name: true } }, platform: { select: { name: true } } },
      ...{ startedAt: true, finishedAt: true, recordStartedAt: true, recordFinishedAt: true },
      ...{ resultKind: true, resultCode: true, resultMessage: true },
      ...{ scriptSha256: true, consoleSha256: true, readmeSha256: true },
      artifacts: { select: { path: true, sha256: true } },
    },
  })
}

/** A record that is compared with the stored build of its UUID. Call `dispose` in any case. */
export type Comparison = Pick<BuildParts, 'consoleEntry' | 'artifact'> & {
  /** Parts of the record that are stored otherwise, for messages. Call it at the end of the record. */
  differences: (facts: ExecFacts, scriptSha256: string) => Promise<string[]>
  dispose: () => Promise<void>
}

/**
 * Compares a record with a stored build by hashes, while the record is read. The console is compared as text, whose times
 * are rounded to milliseconds: a build from builder-web has no finer ones. A readme that only the stored build has is no
 * difference, since builder-web keeps one for all builds of a job.
 */
export function compareRecord(stored: StoredBuild, stagingDir: string): Comparison {
  const spool = consoleSpool({ dir: stagingDir })
  const missing = new Map(stored.artifacts.map(({ path, sha256 }) => [path, sha256]))
  const others: string[] = []
  let readme: { path: string; sha256: string } | null = null

  return {
    consoleEntry: spool.add,

    async artifact(path, chunks) {
      if (isBuildHashes(path)) return
      const sha256 = await hashOf(chunks)
      if (isReadme(path)) {
        if (!readme || path === 'README.md') readme = { path, sha256 }
        return
      }
      if (missing.get(path) !== sha256) others.push(`artifact ${JSON.stringify(path)}`)
      missing.delete(path)
    },

    async differences(facts, scriptSha256) {
      const { startedAt, finishedAt, recordStartedAt, recordFinishedAt } = stored
      const result = { resultCode: null, resultMessage: null, ...resultColumns(facts.result) }
      const isSameResult =
        stored.resultKind === result.resultKind &&
        stored.resultCode === result.resultCode &&
        Buffer.from(stored.resultMessage ?? []).equals(result.resultMessage ?? Buffer.of())
      const isSame = {
        job: stored.job.name === facts.job,
        platform: stored.platform.name === facts.platform,
        start: (recordStartedAt ?? startedAt).getTime() === facts.startedAt.getTime(),
        finish: (recordFinishedAt ?? finishedAt).getTime() === facts.finishedAt.getTime(),
        result: isSameResult,
        script: stored.scriptSha256 === scriptSha256,
        console: stored.consoleSha256 === (await hashOf(spool.text())),
        readme: readme === null || stored.readmeSha256 === readme.sha256,
      }
      return [
        ...Object.entries(isSame).flatMap(([name, is]) => (is ? [] : [name])),
        ...others,
        ...[...missing.keys()].map((path) => `missing artifact ${JSON.stringify(path)}`),
      ]
    },

    dispose: spool.dispose,
  }
}

async function hashOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}
