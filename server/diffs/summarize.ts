import type { BuildDiff } from './diff-builds.ts'
import type { InputName } from './diff-inputs.ts'
import { hasSameInputs, hasUncountedChange } from './has-same-inputs.ts'
import { headlineOf } from './headline.ts'

/** How much changed, in numbers; 0 also where nothing could be compared. */
export type ChangeCounts = {
  packagesUpgraded: number
  packagesDowngraded: number
  /** The same version in another spelling, like `1.0` and `1.00`. */
  packagesRespelled: number
  packagesAdded: number
  packagesRemoved: number
  /** At the same version, with an opam file that differs effectively. */
  packagesChanged: number
  duniverse: number
  environment: number
  systemPackages: number
  /** Lines added and removed. */
  scriptLines: number
  artifacts: number
}

/** What became of the main binary. `NONE`: neither build has one. */
export type OutputChange = 'SAME' | 'CHANGED' | 'ONLY_LEFT' | 'ONLY_RIGHT' | 'NONE'

/** `text`: some sentences; `headline`: half a line. */
export type DiffSummary = { text: string; headline: string; output: OutputChange; counts: ChangeCounts }

/** A comparison in short: the most important things to know, in words and in numbers. */
export function summarize(diff: BuildDiff): DiffSummary {
  const output = outputChange(diff)
  const counts = countChanges(diff)
  return {
    text: `${sentences(diff, output, counts).join('. ')}.`,
    headline: headlineOf(diff, output, counts),
    output,
    counts,
  }
}

export function outputChange({ left, right }: Pick<BuildDiff, 'left' | 'right'>): OutputChange {
  if (!left.mainBinary) return right.mainBinary ? 'ONLY_RIGHT' : 'NONE'
  if (!right.mainBinary) return 'ONLY_LEFT'
  return left.mainBinary.sha256 === right.mainBinary.sha256 ? 'SAME' : 'CHANGED'
}

type Lists = { onlyLeft: readonly unknown[]; onlyRight: readonly unknown[]; changed: readonly unknown[] }

function sizeOf(lists: Lists | null | undefined): number {
  return lists ? lists.onlyLeft.length + lists.onlyRight.length + lists.changed.length : 0
}

function countChanges({
  inputs: { opam, environment, systemPackages, script },
  files,
}: BuildDiff): ChangeCounts {
  const versions = (direction: string) =>
    opam?.versionChanged.filter((change) => change.direction === direction).length ?? 0
  return {
    packagesUpgraded: versions('upgrade'),
    packagesDowngraded: versions('downgrade'),
    packagesRespelled: versions('respelled'),
    packagesAdded: opam?.onlyRight.length ?? 0,
    packagesRemoved: opam?.onlyLeft.length ?? 0,
    packagesChanged: opam?.fileChanged.filter(({ isEffective }) => isEffective).length ?? 0,
    duniverse: sizeOf(opam?.duniverse),
    environment: sizeOf(environment),
    systemPackages: sizeOf(systemPackages),
    scriptLines: script ? script.addedCount + script.removedCount : 0,
    artifacts: sizeOf(files),
  }
}

const outputWords: Record<OutputChange, string> = {
  SAME: 'Same output',
  CHANGED: 'The output changed',
  ONLY_LEFT: 'Only the left build has a main binary',
  ONLY_RIGHT: 'Only the right build has a main binary',
  NONE: 'Neither build has a main binary',
}

/** An input in words, after "the". */
export const inputWords: Record<InputName, string> = {
  OPAM_SWITCH: 'opam switch',
  DUNIVERSE: 'duniverse',
  ENVIRONMENT: 'build environment',
  SYSTEM_PACKAGES: 'system packages',
  SCRIPT: 'build script',
}

function sentences(diff: BuildDiff, output: OutputChange, counts: ChangeCounts): string[] {
  const changes = describeChanges(diff, counts)
  const missing = [...new Set(diff.inputs.missing.map(({ input }) => inputWords[input]))]
  const isWhole = missing.length === 0
  if (output === 'SAME' && changes.length === 0 && counts.artifacts === 0 && isWhole)
    return ['Nothing changed']
  return [
    outputWords[output],
    inputSentence(changes, output, isWhole, diff),
    ...diff.inputs.unlisted.map(({ input, words }) => `The ${inputWords[input]} ${words}`),
    ...(changes.length === 0 && counts.artifacts > 0 && output === 'SAME'
      ? ['Only other artifacts differ']
      : []),
    ...(isWhole ? [] : [`Not compared: ${missing.join(', ')}`]),
  ]
}

function inputSentence(
  changes: readonly Change[],
  output: OutputChange,
  isWhole: boolean,
  diff: BuildDiff,
): string {
  const [only, ...others] = changes
  const isUncounted = hasUncountedChange(
    diff,
    changes.some(({ kind }) => kind === switchKind),
  )
  if (!only) {
    if (!isWhole)
      return isUncounted
        ? 'Nothing that is built or installed changed in what could be compared of the inputs'
        : 'What could be compared of the inputs is equal'
    if (!hasSameInputs(diff)) return 'Nothing that is built or installed changed in the inputs'
    return output === 'CHANGED' ? 'The inputs are equal: it is not reproducible' : 'The inputs are equal'
  }
  if (others.length > 0) return capitalized(changes.map(({ words }) => words).join('; '))
  return isWhole && !isUncounted
    ? `Only ${only.kind} changed: ${only.words.replace(/^platform /, '')}`
    : capitalized(only.words)
}

const switchKind = 'the opam switch'

/** `kind` completes "only … changed". */
type Change = { kind: string; words: string }

function describeChanges({ left, right, inputs }: BuildDiff, counts: ChangeCounts): Change[] {
  const packages = [
    counted(counts.packagesUpgraded, 'package', 'upgraded'),
    counted(counts.packagesDowngraded, 'package', 'downgraded'),
    counted(counts.packagesRespelled, 'version', 'respelled'),
    counted(counts.packagesAdded, 'package', 'added'),
    counted(counts.packagesRemoved, 'package', 'removed'),
    counted(counts.packagesChanged, 'opam file', 'changed at the same version'),
  ].filter((words) => words !== null)
  const rest: [kind: string, words: string | null][] = [
    [switchKind, packages.length > 0 ? packages.join(', ') : null],
    ['the duniverse', counted(counts.duniverse, 'duniverse folder', 'changed')],
    ['the build environment', counted(counts.environment, 'environment variable', 'changed')],
    ['the system', counted(counts.systemPackages, 'system package', 'changed')],
    ['the build script', scriptWords(counts.scriptLines, inputs.script?.lineEnds ?? null)],
  ]
  const platform = left.platform === right.platform ? null : `platform ${left.platform} → ${right.platform}`
  return [['the platform', platform] as const, ...rest].flatMap(([kind, words]) =>
    words === null ? [] : [{ kind, words }],
  )
}

function scriptWords(lineCount: number, lineEnds: string | null): string | null {
  const words = counted(lineCount, 'line', 'of the script changed')
  const they = lineCount === 1 ? 'it ends' : 'they end'
  return words === null || lineEnds === null ? words : `${words}, only in how ${they}: ${lineEnds}`
}

function counted(count: number, noun: string, what: string): string | null {
  return count === 0 ? null : `${count} ${noun}${count === 1 ? '' : 's'} ${what}`
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
