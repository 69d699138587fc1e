import type { BuildDiff } from './diff-builds.ts'
import type { InputsDiff, OpamDiff } from './diff-inputs.ts'
import { hasSameInputs, hasUncountedChange } from './has-same-inputs.ts'
import type { ChangeCounts, OutputChange } from './summarize.ts'

/** Names and versions come from builds: longer ones are cut. */
const maxCharacters = 60

/**
 * What changed in the inputs, in half a line that goes on after "changed:", the most important first:
 * `dns 7.0.2 → 7.0.3, 2 more packages; 14 system packages`.
 */
export function headlineOf(diff: BuildDiff, output: OutputChange, counts: ChangeCounts): string {
  const { missing } = diff.inputs
  const [first, ...others] = partsOf(diff, counts)
  const isUncounted = hasUncountedChange(diff, packageChanges(diff.inputs.opam, diff.right.job).length > 0)
  if (first && others.length === 0 && missing.length === 0 && !isUncounted) return first.alone
  if (first) {
    const words = [first, ...others].map((part) => part.words).join('; ')
    return missing.length === 0 ? words : `${words}, as far as is known`
  }
  if (missing.length > 0) return 'nothing that could be compared'
  if (!hasSameInputs(diff)) return 'nothing that is built or installed'
  return output === 'CHANGED' ? 'nothing that is recorded: not reproducible' : 'nothing that is recorded'
}

/** A kind of input that changed: in words, and in those for when no other did. */
type Part = { words: string; alone: string }

function partsOf({ left, right, inputs }: BuildDiff, counts: ChangeCounts): Part[] {
  const packages = firstOf(packageChanges(inputs.opam, right.job), 'package')
  const folders = firstOf(folderChanges(inputs), 'folder')
  return [
    ...(packages ? [{ words: packages, alone: packages }] : []),
    ...(folders ? [{ words: `duniverse ${folders}`, alone: `only the duniverse: ${folders}` }] : []),
    ...surroundings(left.platform, right.platform, counts),
  ]
}

/** Another platform has another system, environment and often script: it is named for all of them. */
function surroundings(left: string, right: string, counts: ChangeCounts): Part[] {
  const { scriptLines, environment, systemPackages } = counts
  if (left === right)
    return [
      ...counted(scriptLines, 'line', ' of the script', 'only the build script'),
      ...counted(environment, 'environment variable', '', 'only the build environment'),
      ...counted(systemPackages, 'system package', '', 'only the system packages'),
    ]
  const platforms = `${short(left)} → ${short(right)}`
  const words = `platform ${platforms}`
  const isAll = scriptLines + environment + systemPackages === 0
  return [{ words, alone: isAll ? `only the platform: ${platforms}` : words }]
}

/** Each package that changed, that which is named like the job first. */
function packageChanges(opam: OpamDiff | null, job: string): string[] {
  if (!opam) return []
  const changes = [
    ...opam.versionChanged.map(({ name, left, right }) => ({
      name,
      words: `${short(name)} ${short(left)} → ${short(right)}`,
    })),
    ...opam.onlyRight.map(({ name, version }) => ({ name, words: `${short(name)} ${short(version)} added` })),
    ...opam.onlyLeft.map(({ name, version }) => ({
      name,
      words: `${short(name)} ${short(version)} removed`,
    })),
    ...opam.fileChanged
      .filter(({ isEffective }) => isEffective)
      .map(({ name }) => ({ name, words: `opam file of ${short(name)}` })),
  ]
  const isOwn = ({ name }: { name: string }) => name === job
  return [...changes.filter(isOwn), ...changes.filter((change) => !isOwn(change))].map(({ words }) => words)
}

function folderChanges({ opam }: InputsDiff): string[] {
  const { changed = [], onlyRight = [], onlyLeft = [] } = opam?.duniverse ?? {}
  return [
    ...changed.map(({ dir }) => short(dir)),
    ...onlyRight.map(({ dir }) => `${short(dir)} added`),
    ...onlyLeft.map(({ dir }) => `${short(dir)} removed`),
  ]
}

/** `dns 7.0.2 → 7.0.3, 2 more packages`; null when there is none. */
function firstOf([first, ...others]: readonly string[], noun: string): string | null {
  if (first === undefined) return null
  return others.length === 0 ? first : `${first}, ${others.length} more ${plural(others.length, noun)}`
}

function counted(count: number, noun: string, of: string, alone: string): Part[] {
  return count === 0 ? [] : [{ words: `${count} ${plural(count, noun)}${of}`, alone }]
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`
}

function short(text: string): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text
}
