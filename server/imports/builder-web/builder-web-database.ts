import { existsSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import * as z from 'zod'
import { SourceError } from '../import-report.ts'

/** Of builder-web's database. Source: builder-web, Builder_db.application_id, current_version. */
const applicationId = 1_234_839_235
const supportedVersion = 18

const id = z.bigint().transform(Number)
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullable()
const count = z.bigint().min(0n).max(BigInt(Number.MAX_SAFE_INTEGER)).transform(Number)
const octets = z.instanceof(Uint8Array).transform((bytes) => Uint8Array.from(bytes))
const sha256 = octets
  .refine(({ length }) => length === 32, 'it does not have 32 bytes')
  .transform((bytes) => Buffer.from(bytes).toString('hex'))
/** Columns of text are read as octets: builder-web does not check that they are UTF-8. */
const text = octets.transform((bytes, context) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    context.addIssue({ code: 'custom', message: 'it is not UTF-8' })
    return z.NEVER
  }
})

const UserRow = z.object({
  ...{ name: text, passwordHash: octets, passwordSalt: octets, restricted: z.bigint() },
  ...{ scryptN: count, scryptR: count, scryptP: count },
})
const BuildRow = z.object({
  ...{ id, uuid: text, job: text, platform: text, user: optional(text), console: text, script: text },
  ...{ startDay: z.bigint(), startPs: z.bigint(), finishDay: z.bigint(), finishPs: z.bigint() },
  ...{ resultCode: z.bigint(), resultMessage: optional(octets) },
  ...{ mainBinary: optional(id), inputId: optional(sha256), readme: optional(octets) },
})
const ArtifactRow = z.object({ id, path: text, sha256, sizeBytes: count })
const TagRow = z.object({ job: text, tag: text, value: octets })
const AccessRow = z.object({ user: text, job: text })

export type UserRow = z.infer<typeof UserRow>
export type BuildRow = z.infer<typeof BuildRow>
export type ArtifactRow = z.infer<typeof ArtifactRow>
export type TagRow = z.infer<typeof TagRow>
export type AccessRow = z.infer<typeof AccessRow>

/** A row, or why it cannot be read. `name` is for messages. */
export type Row<Value> = { name: string; value: Value } | { name: string; reason: string }

const octetsOf = (column: string, name: string) => `CAST(${column} AS BLOB) AS ${name}`

const buildsPerPage = 200

/** builder-web's database, opened for reading. Statements are short: builder-web can write meanwhile. */
export type BuilderWebDatabase = {
  users: () => Row<UserRow>[]
  access: () => Row<AccessRow>[]
  jobs: () => Row<{ name: string }>[]
  tags: () => Row<TagRow>[]
  countBuilds: () => number
  /** Builds in the order in which builder-web has stored them, page by page. */
  builds: () => Iterable<Row<BuildRow>[]>
  /** Artifacts of a build. Throws SourceError if a row cannot be read. */
  artifacts: (buildId: number) => ArtifactRow[]
  /** SHA-256 of the opam switch of the newest build of a job that has one. */
  newestSwitch: (job: string) => string | null
  close: () => void
}

/** Opens `builder.sqlite3` of a data directory. Throws SourceError if it is none, or of another version. */
export function openBuilderWeb(dataDir: string): BuilderWebDatabase {
  const file = join(dataDir, 'builder.sqlite3')
  if (!existsSync(file))
    throw new SourceError(`${dataDir} has no builder.sqlite3: name builder-web's data directory`)
  const sqlite = translate(file, () => {
    const opened = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: 30_000 })
    try {
      checkVersion(file, opened)
    } catch (error) {
      opened.close()
      throw error
    }
    return opened
  })

  const rows = (sql: string, ...parameters: unknown[]) =>
    translate(file, () =>
      sqlite
        .prepare(sql)
        .safeIntegers()
        .all(...parameters),
    )
  const readAll = <Schema extends z.ZodType>(schema: Schema, what: string, sql: string) =>
    rows(sql).map((row, index) => readRow(schema, `${what} ${index + 1}`, row))

  return {
    users: () =>
      readAll(
        UserRow,
        'user',
        `SELECT ${octetsOf('username', 'name')}, password_hash AS passwordHash, password_salt AS passwordSalt, restricted,
          scrypt_n AS scryptN, scrypt_r AS scryptR, scrypt_p AS scryptP FROM user ORDER BY id`,
      ),
    access: () =>
      readAll(
        AccessRow,
        'access',
        `SELECT ${octetsOf('u.username', 'user')}, ${octetsOf('j.name', 'job')} FROM access_list a
          LEFT JOIN user u ON u.id = a.user LEFT JOIN job j ON j.id = a.job ORDER BY a.id`,
      ),
    jobs: () =>
      readAll(z.object({ name: text }), 'job', `SELECT ${octetsOf('name', 'name')} FROM job ORDER BY id`),
    tags: () =>
      readAll(
        TagRow,
        'tag',
        `SELECT ${octetsOf('j.name', 'job')}, ${octetsOf('t.tag', 'tag')}, ${octetsOf('jt.value', 'value')} FROM job_tag jt
          LEFT JOIN tag t ON t.id = jt.tag LEFT JOIN job j ON j.id = jt.job ORDER BY jt.id`,
      ),
    countBuilds: () => Number((rows('SELECT COUNT(*) AS n FROM build')[0] as { n: bigint }).n),
    *builds() {
      for (let after = -1n; ;) {
        const page = rows(pageOfBuilds, after, buildsPerPage) as { id: bigint; uuid: Uint8Array | null }[]
        if (page.length === 0) return
        after = page.at(-1)?.id ?? after
        yield page.map((row) =>
          readRow(BuildRow, `build ${row.uuid ? Buffer.from(row.uuid).toString() : row.id}`, row),
        )
      }
    },
    artifacts: (buildId) =>
      rows(
        `SELECT id, ${octetsOf('filepath', 'path')}, sha256, size AS sizeBytes FROM build_artifact WHERE build = ? ORDER BY id`,
        buildId,
      ).map((row, index) => {
        const read = readRow(ArtifactRow, `artifact ${index + 1}`, row)
        if ('reason' in read) throw new SourceError(`the row of ${read.name} is damaged: ${read.reason}`)
        return read.value
      }),
    newestSwitch(job) {
      const [row] = rows(
        `SELECT a.sha256 FROM build b JOIN job j ON j.id = b.job JOIN build_artifact a ON a.build = b.id
          WHERE j.name = ? AND a.filepath = 'opam-switch' ORDER BY b.start_d DESC, b.start_ps DESC LIMIT 1`,
        job,
      ) as { sha256: Uint8Array }[]
      return row ? Buffer.from(row.sha256).toString('hex') : null
    },
    close: () => sqlite.close(),
  }
}

/** Of the readmes, builder-web has had two names. */
const pageOfBuilds = `SELECT b.id, ${octetsOf('b.uuid', 'uuid')}, ${octetsOf('j.name', 'job')},
    ${octetsOf('b.platform', 'platform')}, ${octetsOf('u.username', 'user')}, ${octetsOf('b.console', 'console')},
    ${octetsOf('b.script', 'script')}, b.start_d AS startDay, b.start_ps AS startPs, b.finish_d AS finishDay,
    b.finish_ps AS finishPs, b.result_code AS resultCode, ${octetsOf('b.result_msg', 'resultMessage')},
    b.main_binary AS mainBinary, b.input_id AS inputId,
    (SELECT ${octetsOf('jt.value', 'value')} FROM job_tag jt JOIN tag t ON t.id = jt.tag
      WHERE jt.job = b.job AND t.tag IN ('readme.md', 'readme') ORDER BY t.tag DESC LIMIT 1) AS readme
  FROM build b LEFT JOIN job j ON j.id = b.job LEFT JOIN user u ON u.id = b.user
  WHERE b.id > ? ORDER BY b.id LIMIT ?`

function checkVersion(file: string, sqlite: BetterSqlite3.Database): void {
  const id = sqlite.pragma('application_id', { simple: true })
  if (id !== applicationId)
    throw new SourceError(`${file} is no database of builder-web (application_id ${String(id)})`)
  const version = Number(sqlite.pragma('user_version', { simple: true }))
  if (version === supportedVersion) return
  throw new SourceError(
    version < supportedVersion
      ? `${file} has version ${version}: migrate it to ${supportedVersion} by builder-migrations, then run this again`
      : `${file} has version ${version}, which is newer than ${supportedVersion}: update Builder Hub`,
  )
}

function readRow<Schema extends z.ZodType>(schema: Schema, name: string, row: unknown): Row<z.infer<Schema>> {
  const parsed = schema.safeParse(row)
  if (parsed.success) return { name, value: parsed.data }
  const [issue] = parsed.error.issues
  return { name, reason: `${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'is damaged'}` }
}

/** Errors of SQLite become a line that names the file. */
function translate<Value>(file: string, action: () => Value): Value {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof BetterSqlite3.SqliteError)) throw error
    throw new SourceError(`${file} cannot be read: ${error.message} (${error.code})`)
  }
}
