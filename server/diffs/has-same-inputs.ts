import { inputPaths } from '../builds/artifact-roles.ts'
import type { ComparedBuild } from './compared-build.ts'
import type { BuildDiff } from './diff-builds.ts'

/** To the byte: opam files that differ in what only describes are no change that counts, but another input. */
export function hasSameInputs({ left, right }: Pick<BuildDiff, 'left' | 'right'>): boolean {
  const hashOf = ({ artifacts }: ComparedBuild, path: string) =>
    artifacts.find((file) => file.path === path)?.sha256
  return inputPaths.every((path) => hashOf(left, path) === hashOf(right, path))
}

/**
 * Whether an input differs in bytes of which nothing is counted: in what only describes a package, or in how the
 * file is written. `isSwitchCounted`: a change of the opam switch is counted.
 */
export function hasUncountedChange({ inputs }: Pick<BuildDiff, 'inputs'>, isSwitchCounted: boolean): boolean {
  const { opam, unlisted } = inputs
  return unlisted.length > 0 || (!isSwitchCounted && (opam?.fileChanged.length ?? 0) > 0)
}
