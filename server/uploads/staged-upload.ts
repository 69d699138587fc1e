import type { BlobStore, Staged } from '../blobs/blob-store.ts'
import { isBuildHashes, isReadme } from '../builds/artifact-roles.ts'
import { consoleSpool } from '../builds/console-spool.ts'
import type { Config } from '../config.ts'

/** An artifact that is staged; `path` is normalized. */
export type StagedArtifact = { path: string; content: Staged }

/**
 * The content of one upload while it arrives: all of it staged, none of it visible.
 * `settle` makes it durable; then `keep` it, or `abandon` it, which removes every trace.
 */
export function stagedUpload({ blobs, config }: { blobs: BlobStore; config: Pick<Config, 'stagingDir'> }) {
  const spool = consoleSpool({ dir: config.stagingDir })
  const staged: Staged[] = []
  const artifacts: StagedArtifact[] = []
  let readme: { path: string; content: Staged } | null = null
  let script: Staged | null = null

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

    /** Call this if rows refer to the content, or may refer to it. */
    async keep() {
      await blobs.keep(staged)
    },

    async abandon() {
      await blobs.discard(staged)
      await blobs.withdraw(staged)
    },

    async dispose() {
      await spool.dispose()
    },
  }
}
