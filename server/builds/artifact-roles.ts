import { createHash } from 'node:crypto'

/** The three artifacts that determine the input of a build, in the order of the input id. */
export const inputPaths = ['opam-switch', 'build-environment', 'system-packages']

export const isReadme = (path: string) => path === 'README.md' || path.endsWith('/README.md')
export const isBuildHashes = (path: string) => path.endsWith('.build-hashes')

/**
 * Whether a file of a record is kept: readmes belong to the job, and `.build-hashes` repeat known facts of the files.
 */
export function isKeptAsArtifact(path: string): boolean {
  return !isReadme(path) && !isBuildHashes(path)
}

/** The only artifact under `bin/`. Null if there is none, or more than one. */
export function mainBinaryOf<File extends { path: string }>(artifacts: readonly File[]): File | null {
  const binaries = artifacts.filter(({ path }) => path.startsWith('bin/'))
  return binaries.length === 1 ? (binaries[0] ?? null) : null
}

export function opamSwitchOf<File extends { path: string }>(artifacts: readonly File[]): File | null {
  return artifacts.find(({ path }) => path === 'opam-switch') ?? null
}

/**
 * The artifact that holds symbols for the main binary: `NAME.debug` for the binary `NAME`, or else the first
 * `.debug` file by path. Builds that were stored before migration 0006 have the first one.
 */
export function debugBinaryOf<File extends { path: string }>(
  artifacts: readonly File[],
  mainPath: string | null,
): File | null {
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  const ownName = mainPath === null ? null : `${nameOf(mainPath)}.debug`
  const files = artifacts.filter(({ path }) => path.endsWith('.debug'))
  const own = files.filter(({ path }) => nameOf(path) === ownName)
  const [first = null] = (own.length > 0 ? own : files).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return first
}

/**
 * SHA-256 over the digests of the three files that determine a build, as hex: builds with
 * equal input ids should have equal outputs. Null when one is missing.
 */
export function inputIdOf(artifacts: readonly { path: string; content: { id: string } }[]): string | null {
  const digests: string[] = []
  for (const path of inputPaths) {
    const input = artifacts.find((artifact) => artifact.path === path)
    if (!input) return null
    digests.push(input.content.id)
  }
  return createHash('sha256')
    .update(Buffer.from(digests.join(''), 'hex'))
    .digest('hex')
}
