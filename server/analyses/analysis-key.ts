import { priorities, type TaskName } from '../runner/task.ts'
import type { NewTask } from '../runner/enqueue.ts'
import { isAnalysisKind, type AnalysedBuild, type AnalysisKind } from './kind.ts'
import type { KindDefinition, KindRegistry } from './kind.ts'

/** What an analysis is of. `debugSha256` is that of a second file, or empty. */
export type AnalysisKey = { kind: AnalysisKind; inputSha256: string; debugSha256: string }

/** Which analysis a kind makes of a build; null when the build has nothing for it. */
export function keyOf(
  kind: AnalysisKind,
  definition: KindDefinition,
  build: AnalysedBuild,
): AnalysisKey | null {
  const inputSha256 = definition.inputOf(build)
  return inputSha256 === null ? null : { kind, inputSha256, debugSha256: definition.debugOf?.(build) ?? '' }
}

/** The queued task of an analysis: its key is the SHA-256 of the input, or `INPUT:DEBUG`. */
export function taskOf({ kind, inputSha256, debugSha256 }: AnalysisKey): TaskName {
  return { kind, key: debugSha256 === '' ? inputSha256 : `${inputSha256}:${debugSha256}` }
}

/** A key as one text: `SOLO5:ab…`, with the second file `BINARY_SIZE:ab…:cd…`. */
export function nameOfKey(key: AnalysisKey): string {
  return `${key.kind}:${taskOf(key).key}`
}

/** The opposite of `taskOf`. Null if the name is not that of an analysis. */
export function parseTask({ kind, key }: TaskName): AnalysisKey | null {
  const [, inputSha256, debugSha256 = ''] = /^([0-9a-f]{64})(?::([0-9a-f]{64}))?$/.exec(key) ?? []
  return isAnalysisKind(kind) && inputSha256 !== undefined ? { kind, inputSha256, debugSha256 } : null
}

/** The inputs of a build, one for each kind that has something to do. */
export function inputsOf(kinds: KindRegistry, build: AnalysedBuild): AnalysisKey[] {
  return Object.entries(kinds).flatMap(([kind, definition]) => {
    const key = isAnalysisKind(kind) ? keyOf(kind, definition, build) : null
    return key ? [key] : []
  })
}

/**
 * Runs the analyses of a build that was uploaded, unless their inputs are known already. `toldUuid`: that of the build, if somebody
 * is told when they end; the payload of the tasks.
 */
export function tasksOfUpload(
  kinds: KindRegistry,
  build: AnalysedBuild,
  toldUuid: string | null = null,
): NewTask[] {
  return inputsOf(kinds, build).map((key) => ({
    ...taskOf(key),
    priority: priorities.normal,
    ...(toldUuid === null ? {} : { payload: toldUuid }),
    ifKnown: 'keep',
  }))
}
