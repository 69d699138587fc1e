import type { Snapshot } from '../backup/backup-folder.ts'
import type { BackupProgress } from '../backup/make-backup.ts'
import type { Pruned } from '../backup/prune-backups.ts'
import { formatByteSize } from '../byte-size.ts'

/** `40 of 100 files, 1.2 MiB new`. */
export const describeProgress = ({ step, doneCount, count, newBytes }: BackupProgress) =>
  step === 'database' ? 'the database' : `${doneCount} of ${count} files, ${formatByteSize(newBytes)} new`

/** A backup as JSON has it. */
export const shownSnapshot = ({ name, manifest }: Snapshot) => ({ name, ...manifest })

/** `2026-11-29T23-15-00.123Z: 12 builds, …`. */
export function describeSnapshot({ name, manifest: { counts, database, blobs, lost } }: Snapshot): string {
  const size = formatByteSize(database.sizeBytes + blobs.contentBytes)
  const missing = lost.count > 0 ? `, ${lost.count} lost on the site` : ''
  return `${name}: ${counts.builds} builds, ${counts.users} users, ${blobs.count} files, ${size}${missing}`
}

/** What pruning removed, or would remove; its lines end. */
export function describePruned(
  { kept, removed, removedBlobs, freedBytes }: Pruned,
  isDryRun: boolean,
): string {
  const names = removed.map((name) => `  ${name}\n`).join('')
  const verb = isDryRun ? 'would be removed' : 'removed'
  return `${kept.length} backups kept, ${removed.length} ${verb}:\n${names}${removedBlobs} files of them ${verb} (${formatByteSize(freedBytes)})\n`
}
