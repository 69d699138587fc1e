import { errorCode } from './blobs/storage-full.ts'
import { BadConfigError } from './config.ts'
import { DataDirInUseError } from './data-dir-lock.ts'
import { databaseCodeOf } from './database/database-errors.ts'
import { DomainError } from './errors.ts'

const databaseProblems: [code: RegExp, message: string][] = [
  [/^SQLITE_NOTADB/, 'is not a SQLite database: restore it from a backup'],
  [/^SQLITE_CORRUPT/, 'is damaged: restore it from a backup'],
  [/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/, 'cannot be opened for writing: check the owner and the rights'],
  [/^SQLITE_(BUSY|LOCKED)/, 'is locked by another program: end it, or wait for it'],
  [/^SQLITE_FULL/, 'cannot grow: the disk is full'],
  [/^SQLITE_IOERR/, 'cannot be read or written: check the disk'],
]

const systemProblems = new Set(
  'EACCES EPERM EROFS ENOSPC EDQUOT ENOTDIR EEXIST EISDIR EIO EMFILE ENFILE ELOOP ENAMETOOLONG'.split(' '),
)

/** What the operator can mend, in one line that says what to do. Null: a bug, whose stack matters. */
export function operatorMessage(error: unknown, dataDir: string): string | null {
  const isOwn =
    error instanceof DomainError || error instanceof BadConfigError || error instanceof DataDirInUseError
  if (isOwn || isListenError(error)) return error.message
  const sqliteCode = databaseCodeOf(error)
  const problem = databaseProblems.find(([code]) => sqliteCode !== null && code.test(sqliteCode))
  if (problem) return `the database in ${dataDir} ${problem[1]} (${sqliteCode})`
  if (errorCode(error) === 'ERR_DLOPEN_FAILED')
    return `better-sqlite3 was compiled for another version of Node.js than ${process.version}: use the one that it was installed with, or run "npm rebuild better-sqlite3"`
  if (error instanceof Error && systemProblems.has(errorCode(error) ?? ''))
    return `${error.message}: check that ${dataDir} is a folder of this user, and that its disk has room`
  return null
}

/** The address is taken, not ours, not allowed, or a name that has no address. */
function isListenError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && /^(listen|getaddrinfo)$/.test(String(error.syscall))
}
