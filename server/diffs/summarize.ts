import type { FilesDiff } from './diff-artifacts.ts'
import type { InputsDiff } from './inputs-diff.ts'

/** How much changed, in numbers; 0 also where nothing could be compared. */
export type ChangeCounts = {
  opamPackages: number
  opamFiles: number
  duniverse: number
  environment: number
  systemPackages: number
  scriptLines: number
  artifacts: number
}

export function countChanges({ opam, environment, systemPackages, script }: InputsDiff, files: FilesDiff): ChangeCounts {
  const count = (diff: { onlyLeft: unknown[]; onlyRight: unknown[]; changed: unknown[] } | null | undefined) =>
    diff ? diff.onlyLeft.length + diff.onlyRight.length + diff.changed.length : 0
  return {
    opamPackages: opam ? opam.onlyLeft.length + opam.onlyRight.length + opam.versionChanged.length : 0,
    opamFiles: opam ? opam.fileChanged.filter(({ isEffective }) => isEffective).length : 0,
    duniverse: count(opam?.duniverse),
    environment: count(environment),
    systemPackages: count(systemPackages),
    scriptLines: script ? script.addedCount + script.removedCount : 0,
    artifacts: count(files),
  }
}

/** What of the builds besides their inputs says how they relate. */
export type Surroundings = { isSamePlatform: boolean; isSameOutput: boolean | null; missingCount: number }

/**
 * The most important thing to know, in one sentence without a full stop: `3 opam packages changed`,
 * `only the build environment changed`.
 */
export function summarizeChanges(counts: ChangeCounts, { isSamePlatform, isSameOutput, missingCount }: Surroundings): string {
  const changes = [
    { what: 'opam packages', count: counts.opamPackages },
    { what: 'opam files', count: counts.opamFiles },
    { what: 'duniverse folders', count: counts.duniverse },
    { what: 'the build environment', count: counts.environment },
    { what: 'system packages', count: counts.systemPackages },
    { what: 'the build script', count: counts.scriptLines },
  ].filter(({ count }) => count > 0)
  const names = changes.map(({ what, count }) => (what.startsWith('the ') ? what : `${count} ${singular(what, count)}`))
  const platform = isSamePlatform ? [] : ['the platform']
  const all = [...platform, ...names]
  const isOnly = all.length === 1 && missingCount === 0
  if (all.length > 0) return `${isOnly ? 'only ' : ''}${enumerate(all)} changed`
  if (missingCount > 0) return 'what could be compared is equal; some inputs are missing'
  if (isSameOutput === false) return 'the inputs are equal, but the main binary differs'
  return counts.artifacts > 0 ? 'the inputs are equal; only other artifacts differ' : 'nothing changed'
}

const singular = (what: string, count: number) => (count === 1 ? what.replace(/s$/, '') : what)

function enumerate(names: readonly string[]): string {
  const [last, ...others] = names.toReversed()
  return others.length === 0 ? (last ?? '') : `${others.toReversed().join(', ')} and ${last}`
}
