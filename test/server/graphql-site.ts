import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { receiveBuild } from '../../server/uploads/receive-build.ts'
import { alice, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'

export const platformNames = ['debian-12', 'debian-13', 'freebsd-14']

/** `1` is `00000000-0000-4000-8000-000000000001`. */
export function uuidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Store records as an upload does, without HTTP. */
export async function receiveAll(
  { deps }: Pick<TestApp, 'deps'>,
  records: readonly ExecRecord[],
): Promise<void> {
  const user = await deps.authenticate({ kind: 'password', ...alice }, 'test')
  for (const record of records) await receiveBuild(deps, user, encodeExecRecord(record))
}

/**
 * A site of `jobs` × `builds`: the platforms take turns, every third build fails, two builds each
 * start in the same instant. All have a file `shared` of the same content.
 */
export async function siteOf(jobs: number, builds: number): Promise<TestApp> {
  // Its builds stay recent, whatever the day.
  const app = await testApp({ keep: true, env: { BUILDER_HUB_EXPIRED_JOBS: '36500' } })
  const records = Array.from({ length: jobs * builds }, (_, number) => {
    const [job, build] = [Math.floor(number / builds), number % builds]
    const failed = build % 3 === 2
    return sampleRecord({
      job: `job-${String(job).padStart(2, '0')}`,
      platform: platformNames[build % platformNames.length] ?? '',
      uuid: uuidOf(number),
      startedAt: new Date(Date.UTC(2026, 9, 1) + Math.floor(build / 2) * 60_000),
      result: { kind: 'exited', code: failed ? 1n : 0n },
      artifacts: [
        ...(failed ? [] : [file('bin/hello', `binary ${build}`)]),
        file('README.md', `# Job ${job}`),
        file('shared', 'shared'),
        file('switch', `${build}`),
      ],
    })
  })
  await receiveAll(app, records)
  app.takeQueries()
  return app
}

/** How SQLite runs a statement, one step a line. */
export function planOf(app: TestApp, statement: string): string[] {
  const db = new Database(join(app.deps.config.stagingDir, 'test.sqlite3'), { readonly: true })
  try {
    // Which values are bound makes no difference: SQLite plans without looking at them.
    const values = statement.match(/\?/g)?.map(() => null) ?? []
    return db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${statement}`)
      .all(...values)
      .map(({ detail }) => detail)
  } finally {
    db.close()
  }
}
