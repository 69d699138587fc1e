import { inputPaths } from '../uploads/staged-upload.ts'
import type { ComparedBuild } from './compared-build.ts'
import type { BuildDiff } from './diff-builds.ts'

/** To the byte: opam files that differ in what only describes are no change that counts, but another input. */
export function hasSameInputs({ left, right }: Pick<BuildDiff, 'left' | 'right'>): boolean {
  const hashOf = ({ artifacts }: ComparedBuild, path: string) =>
    artifacts.find((file) => file.path === path)?.sha256
  return inputPaths.every((path) => hashOf(left, path) === hashOf(right, path))
}
