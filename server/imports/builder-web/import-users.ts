import type { Writer } from '../../database/writer.ts'
import type { Reader } from '../../database/reader.ts'
import { isUserName } from '../../users/add-user.ts'
import { decoyHash } from '../../users/password.ts'
import type { Uploader } from '../../users/authenticate.ts'
import type { AccessRow, Row, UserRow } from './builder-web-database.ts'
import { refuse, type BuilderWebReport } from './table-report.ts'

const hashBytes = 32
/** scrypt needs 128 · N · r bytes for each check of a password. */
const maxScryptBytes = 2 ** 30

type How = { report: BuilderWebReport; isDryRun: boolean }

/**
 * Creates builder-web's users with their passwords and access lists; a job need not have builds. Who has no password there
 * is disabled. A user who exists is left alone: the name may be another person's, and the operator may have changed the
 * user since. All differences are reported, and where builder-web allows less, or a right is missing here, the row is
 * refused. Returns all users by name: builds name their uploader.
 */
export async function importUsers(
  { db, writer }: { db: Reader; writer: Writer },
  source: { users: readonly Row<UserRow>[]; access: readonly Row<AccessRow>[] },
  { report, isDryRun }: How,
): Promise<Map<string, Uploader>> {
  const created = new Set<string>()
  for (const row of source.users) {
    const table = report.tables.user
    table.rows += 1
    if ('reason' in row) {
      refuse(report, 'user', row.name, row.reason)
      continue
    }
    const { name } = row.value
    const reason = reasonAgainst(row.value)
    if (reason !== null) {
      refuse(report, 'user', `user ${name}`, reason)
      continue
    }
    const existing = await db.user.findUnique({ where: { name } })
    if (existing) {
      compareUser(report, row.value, existing)
      continue
    }
    created.add(name)
    table.imported += 1
    if (!isDryRun) await createUser(writer, row.value, jobsOf(source.access, name))
  }
  await noteAccess(db, source.access, created, report)
  const users = await db.user.findMany({ select: { id: true, name: true } })
  // Who was allowed to upload then may not be now.
  return new Map(users.map(({ id, name }) => [name, { id, name, unrestricted: true }]))
}

const jobsOf = (access: readonly Row<AccessRow>[], user: string) => [
  ...new Set(access.flatMap((row) => ('value' in row && row.value.user === user ? [row.value.job] : []))),
]

/** In one transaction: a user of an import that was interrupted is never without the access list. */
async function createUser(
  writer: Writer,
  { name, passwordHash, passwordSalt, restricted, ...scrypt }: UserRow,
  jobs: readonly string[],
): Promise<void> {
  const isDisabled = passwordHash.length === 0
  const password = isDisabled ? decoyHash() : { passwordHash, passwordSalt, ...scrypt }
  await writer.transact([], async (tx) => {
    const { id: userId } = await tx.user.create({
      data: {
        ...{ name, unrestricted: restricted === 0n, disabled: isDisabled, createdAt: new Date() },
        ...password,
      },
    })
    for (const jobName of jobs) await tx.access.create({ data: { userId, jobName } })
  })
}

type Existing = { passwordHash: Uint8Array; disabled: boolean; unrestricted: boolean }

function compareUser(
  report: BuilderWebReport,
  { name, passwordHash, restricted }: UserRow,
  existing: Existing,
): void {
  const isDisabled = passwordHash.length === 0
  const isRestricted = restricted !== 0n
  const more: string[] = []
  if (isDisabled && !existing.disabled)
    more.push(`the user is disabled there, and enabled here: "hub user disable ${name}" disables the user`)
  if (isRestricted && existing.unrestricted)
    more.push('the user is restricted to an access list there, and may upload all jobs here')
  if (!isDisabled && !Buffer.from(existing.passwordHash).equals(passwordHash))
    report.notes.push(`user ${name} has another password here, and keeps it`)
  if (!isDisabled && existing.disabled)
    report.notes.push(`user ${name} is enabled there, and stays disabled here`)
  if (!isRestricted && !existing.unrestricted)
    report.notes.push(`user ${name} may upload all jobs there, and stays restricted here`)
  if (more.length > 0) refuse(report, 'user', `user ${name}`, more.join('; '))
  else report.tables.user.present += 1
}

function reasonAgainst({
  name,
  passwordHash,
  passwordSalt,
  scryptN,
  scryptR,
  scryptP,
}: UserRow): string | null {
  if (!isUserName(name)) return 'no client can send this name'
  if (passwordHash.length === 0) return null
  if (passwordHash.length !== hashBytes || passwordSalt.length === 0)
    return 'the hash of the password is damaged'
  const isPowerOfTwo = scryptN > 1 && scryptN <= 2 ** 30 && (scryptN & (scryptN - 1)) === 0
  const isPossible =
    isPowerOfTwo && scryptR > 0 && scryptP > 0 && 128 * scryptN * scryptR * scryptP <= maxScryptBytes
  return isPossible ? null : `scrypt parameters N=${scryptN}, r=${scryptR}, p=${scryptP} cannot be used`
}

/** Counts the access lists. Only users whom this import has created have got theirs. */
async function noteAccess(
  db: Reader,
  rows: readonly Row<AccessRow>[],
  created: ReadonlySet<string>,
  report: BuilderWebReport,
): Promise<void> {
  const table = report.tables.access_list
  const seen = new Set<string>()
  for (const row of rows) {
    table.rows += 1
    if ('reason' in row) {
      refuse(report, 'access_list', row.name, `its user or job is missing (${row.reason})`)
      continue
    }
    const { user: name, job: jobName } = row.value
    const key = JSON.stringify([name, jobName])
    const isRepeated = seen.has(key)
    seen.add(key)
    if (created.has(name)) {
      table[isRepeated ? 'present' : 'imported'] += 1
      continue
    }
    const user = await db.user.findUnique({
      where: { name },
      select: { access: { where: { jobName }, select: { jobName: true } } },
    })
    if (user && user.access.length > 0) table.present += 1
    else
      refuse(
        report,
        'access_list',
        `access of ${name} to ${jobName}`,
        user
          ? `the user was here before, without it: "hub access add ${name} ${jobName}" adds it`
          : 'the user was refused',
      )
  }
}
