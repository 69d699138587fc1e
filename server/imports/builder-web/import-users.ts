import type { Writer } from '../../database/writer.ts'
import type { Reader } from '../../database/reader.ts'
import { decoyHash } from '../../users/password.ts'
import type { Uploader } from '../../users/authenticate.ts'
import type { AccessRow, Row, UserRow } from './builder-web-database.ts'
import { refuse, type BuilderWebReport } from './table-report.ts'

const hashBytes = 32
/** scrypt needs 128 · N · r bytes for each check of a password. */
const maxScryptBytes = 2 ** 30

/**
 * Creates builder-web's users with their passwords. A user who exists keeps the password that he has here. Who has no
 * password there is disabled. Returns all users by name: builds name their uploader.
 */
export async function importUsers(
  { db, writer }: { db: Reader; writer: Writer },
  rows: readonly Row<UserRow>[],
  { report, isDryRun }: { report: BuilderWebReport; isDryRun: boolean },
): Promise<Map<string, Uploader>> {
  const table = report.tables.user
  for (const row of rows) {
    table.rows += 1
    const reason = 'reason' in row ? row.reason : reasonAgainst(row.value)
    if (reason !== null || 'reason' in row) {
      const name = 'reason' in row ? row.name : `user ${row.value.name}`
      refuse(report, 'user', name, reason ?? '')
      continue
    }
    const { name, passwordHash, passwordSalt, restricted, ...scrypt } = row.value
    const existing = await db.user.findUnique({ where: { name } })
    if (existing) {
      table.present += 1
      const isSame = Buffer.from(existing.passwordHash).equals(passwordHash) || passwordHash.length === 0
      if (!isSame) report.notes.push(`user ${name} has another password here, and keeps it`)
      continue
    }
    table.imported += 1
    if (isDryRun) continue
    const isDisabled = passwordHash.length === 0
    const password = isDisabled ? decoyHash() : { passwordHash, passwordSalt, ...scrypt }
    await writer.transact([], (tx) =>
      tx.user.create({
        data: {
          ...{ name, unrestricted: restricted === 0n, disabled: isDisabled, createdAt: new Date() },
          ...password,
        },
      }),
    )
  }
  const users = await db.user.findMany({ select: { id: true, name: true } })
  // Who was allowed to upload then may not be now.
  return new Map(users.map(({ id, name }) => [name, { id, name, unrestricted: true }]))
}

function reasonAgainst({
  name,
  passwordHash,
  passwordSalt,
  scryptN,
  scryptR,
  scryptP,
}: UserRow): string | null {
  // RFC 7617, as in `addUser`.
  if (!/^[^:\p{Cc}]{1,255}$/u.test(name)) return 'no client can send this name'
  if (passwordHash.length === 0) return null
  if (passwordHash.length !== hashBytes || passwordSalt.length === 0)
    return 'the hash of the password is damaged'
  const isPowerOfTwo = scryptN > 1 && scryptN <= 2 ** 30 && (scryptN & (scryptN - 1)) === 0
  const isPossible =
    isPowerOfTwo && scryptR > 0 && scryptP > 0 && 128 * scryptN * scryptR * scryptP <= maxScryptBytes
  return isPossible ? null : `scrypt parameters N=${scryptN}, r=${scryptR}, p=${scryptP} cannot be used`
}

/** Adds builder-web's access lists. A job need not have builds. */
export async function importAccess(
  { db, writer }: { db: Reader; writer: Writer },
  rows: readonly Row<AccessRow>[],
  users: ReadonlyMap<string, Uploader>,
  { report, isDryRun }: { report: BuilderWebReport; isDryRun: boolean },
): Promise<void> {
  const table = report.tables.access_list
  for (const row of rows) {
    table.rows += 1
    if ('reason' in row) {
      refuse(report, 'access_list', row.name, `its user or job is missing (${row.reason})`)
      continue
    }
    const { user: userName, job: jobName } = row.value
    const user = users.get(userName)
    if (!user) {
      if (isDryRun) table.imported += 1
      else refuse(report, 'access_list', `access of ${userName} to ${jobName}`, 'the user was refused')
      continue
    }
    const key = { userId: user.id, jobName }
    if (await db.access.findUnique({ where: { userId_jobName: key } })) {
      table.present += 1
      continue
    }
    table.imported += 1
    if (!isDryRun) await writer.transact([], (tx) => tx.access.create({ data: key }))
  }
}
