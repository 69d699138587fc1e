import { createHash } from 'node:crypto'
import type { BlobId, BlobStore, Staged } from '../blobs/blob-store.ts'
import { consoleSpool } from '../builds/console-spool.ts'
import type { Config } from '../config.ts'

/** An artifact that is staged; `path` is normalized. */
export type StagedArtifact = { path: string; content: Staged }

/** The three artifacts that determine the input of a build, in the order of the input id. */
export const inputPaths = ['opam-switch', 'build-environment', 'system-packages']

/** Whether a file of a record is not kept as an artifact. */
const isReadme = (path: string) => path === 'README.md' || path.endsWith('/README.md')
const isBuildHashes = (path: string) => path.endsWith('.build-hashes')

/** Readmes belong to the job, and `.build-hashes` repeat known facts of the files. */
export function isKeptAsArtifact(path: string): boolean {
  return !isReadme(path) && !isBuildHashes(path)
}

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

/** The only artifact under `bin/`. Null if there is none, or more than one. */
export function mainBinaryOf(artifacts: readonly StagedArtifact[]): StagedArtifact | null {
  const binaries = artifacts.filter(({ path }) => path.startsWith('bin/'))
  return binaries.length === 1 ? (binaries[0] ?? null) : null
}

/**
 * SHA-256 over the digests of the three files that determine a build, as hex: builds with
 * equal input ids should have equal outputs. Null when one is missing.
 */
export function inputIdOf(artifacts: readonly StagedArtifact[]): string | null {
  const digests: BlobId[] = []
  for (const path of inputPaths) {
    const input = artifacts.find((artifact) => artifact.path === path)
    if (!input) return null
    digests.push(input.content.id)
  }
  return createHash('sha256')
    .update(Buffer.from(digests.join(''), 'hex'))
    .digest('hex')
}
