import type { BlobId, Staged } from '../blobs/blob-store.ts'
import { isBuildHashes, isReadme } from '../builds/artifact-roles.ts'
import { consoleSpool } from '../builds/console-spool.ts'
import type { Deps } from '../deps.ts'
import { deleteUnreferenced } from '../storage/delete-unreferenced.ts'
import { findInBuilds, readReferenceMark } from '../storage/find-references.ts'

/** An artifact that is staged; `path` is normalized. */
export type StagedArtifact = { path: string; content: Staged }

/**
 * The content of one upload while it arrives: all of it staged, none of it visible. `settle` makes it durable. If no
 * row refers to it then, `abandon` it, which removes every trace. Call `dispose` in the end.
 */
export function stagedUpload(deps: Pick<Deps, 'blobs' | 'config' | 'db' | 'writer'>) {
  const { blobs, config } = deps
  // Read while the upload arrives. Rows that refer to blobs of `settle` are newer.
  const mark = readReferenceMark(deps.db)
  mark.catch(() => {})
  const spool = consoleSpool({ dir: config.stagingDir })
  const staged: Staged[] = []
  const artifacts: StagedArtifact[] = []
  let readme: { path: string; content: Staged } | null = null
  let script: Staged | null = null
  let console: Staged[] = []

  async function stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged> {
    const content = await blobs.stage(chunks)
    staged.push(content)
    return content
  }

  return {
    artifacts,
    addConsoleEntry: spool.add,

    async addScript(chunks: AsyncIterable<Uint8Array>) {
      script = await stage(chunks)
    },

    async addFile(path: string, chunks: AsyncIterable<Uint8Array>) {
      if (isBuildHashes(path)) return
      if (!isReadme(path)) {
        artifacts.push({ path, content: await stage(chunks) })
      } else if (!readme || path === 'README.md') {
        readme = { path, content: await stage(chunks) }
      }
    },

    /** Stages the console and makes all content durable. Rows may then refer to the returned blobs. */
    async settle() {
      if (!script) throw new Error('a record was read to its end without a script')
      const consoleText = await stage(spool.text())
      const consoleIndex = await stage(spool.index())
      console = [consoleText, consoleIndex]
      await mark
      await blobs.commit(staged)
      return {
        script,
        consoleText,
        consoleIndex,
        consoleLineCount: spool.lineCount,
        consoleDerBytes: spool.derBytes,
        readme,
      }
    },

    /** Call this in the transaction that writes the rows, before they refer to the content. */
    restore: async () => void (await blobs.restore(staged)),

    /** Call this if it is sure that no row refers to the content. */
    async abandon() {
      const created = blobs.createdBy(staged)
      if (created.length === 0) return
      // An older build may have lost its file, which this upload has put back.
      const own = new Set<BlobId>(
        [script, ...console, readme?.content].flatMap((one) => (one ? [one.id] : [])),
      )
      const mended = await findInBuilds(
        deps.db,
        created.filter((id) => own.has(id)),
        await mark,
      )
      await deleteUnreferenced(
        deps,
        created.filter((id) => !mended.has(id)),
        await mark,
      )
    },

    async dispose() {
      const ends = await Promise.allSettled([blobs.discard(staged), spool.dispose()])
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    },
  }
}
