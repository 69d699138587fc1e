import type { Side } from '../side.ts'
import { type DuniverseDir, duniverseDirs, DuniverseError, type OpamHash } from './duniverse.ts'
import { findRoot, type SwitchExport } from './switch-export.ts'

/**
 * `hashes` has the kinds whose values differ; a value is null if that side has no hash of the kind.
 * `isSameContent`: all kinds that both sides have are equal, so only the number of written hashes differs.
 * builder-web also lists such folders as changed.
 */
export type ChangedDuniverseDir = {
  readonly dir: string
  readonly isSameContent: boolean
  readonly left: DuniverseDir
  readonly right: DuniverseDir
  readonly hashes: readonly {
    readonly kind: OpamHash['kind']
    readonly left: string | null
    readonly right: string | null
  }[]
}

export type DuniverseDiff =
  | {
      readonly kind: 'compared'
      readonly onlyLeft: readonly DuniverseDir[]
      readonly onlyRight: readonly DuniverseDir[]
      readonly changed: readonly ChangedDuniverseDir[]
    }
  | {
      readonly kind: 'unavailable'
      readonly reasons: readonly { readonly side: Side; readonly reason: string }[]
    }

/**
 * Compares the folders that are vendored into the root packages of two switches, sorted by folder. `unavailable`
 * if a switch does not have exactly one root package with a section, or if its list cannot be read.
 * Source: docs/spec/drop-in.md, "Comparison rules"; builder-web, opamdiff.ml.
 */
export function diffDuniverse(left: SwitchExport, right: SwitchExport): DuniverseDiff {
  const leftDirs = readDirs(left)
  const rightDirs = readDirs(right)
  if (typeof leftDirs === 'string' || typeof rightDirs === 'string')
    return { kind: 'unavailable', reasons: [...reasonOf('left', leftDirs), ...reasonOf('right', rightDirs)] }
  const both = [...leftDirs.values()].flatMap((it) => {
    const other = rightDirs.get(it.dir)
    return other ? [[it, other] as const] : []
  })
  return {
    kind: 'compared',
    onlyLeft: [...leftDirs.values()].filter(({ dir }) => !rightDirs.has(dir)),
    onlyRight: [...rightDirs.values()].filter(({ dir }) => !leftDirs.has(dir)),
    changed: both.filter(([l, r]) => !isSameSource(l, r)).map(([l, r]) => changedDir(l, r)),
  }
}

function reasonOf(side: Side, dirs: Map<string, DuniverseDir> | string) {
  return typeof dirs === 'string' ? [{ side, reason: dirs }] : []
}

function readDirs(it: SwitchExport): Map<string, DuniverseDir> | string {
  const found = findRoot(it)
  if (!found) return 'not a single root package found in opam switch export'
  if (!found.section) return "opam switch export doesn't contain the main package"
  try {
    const dirs = duniverseDirs(found.section).toSorted((l, r) => (l.dir < r.dir ? -1 : 1))
    return new Map(dirs.map((dir) => [dir.dir, dir]))
  } catch (error) {
    if (error instanceof DuniverseError) return error.message
    throw error
  }
}

/** Equal hashes mean equal content, whatever the URL. Without hashes the URLs are compared. */
function isSameSource(left: DuniverseDir, right: DuniverseDir): boolean {
  if (left.hashes.length === 0 && right.hashes.length === 0) return left.url === right.url
  return left.hashes.length > 0 && right.hashes.length > 0 && changedHashes(left, right).length === 0
}

function changedDir(left: DuniverseDir, right: DuniverseDir): ChangedDuniverseDir {
  const hashes = changedHashes(left, right)
  const isShared = left.hashes.some((hash) => right.hashes.some(({ kind }) => kind === hash.kind))
  const isSameContent = isShared && hashes.every((hash) => hash.left === null || hash.right === null)
  return { dir: left.dir, isSameContent, left, right, hashes }
}

function changedHashes(left: DuniverseDir, right: DuniverseDir): ChangedDuniverseDir['hashes'] {
  const valueOf = ({ hashes }: DuniverseDir, kind: string) =>
    hashes.find((hash) => hash.kind === kind)?.value ?? null
  return (['md5', 'sha256', 'sha512'] as const)
    .map((kind) => ({ kind, left: valueOf(left, kind), right: valueOf(right, kind) }))
    .filter((hash) => hash.left !== hash.right)
}
