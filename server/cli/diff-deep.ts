import type { LocalCopies } from '../blobs/local-copies.ts'
import type { DeepDiff } from '../deep-diff/deep-diff.ts'
import { loadDeepDiff } from '../deep-diff/load-deep-diff.ts'
import type { ComparedBuild } from '../diffs/compared-build.ts'
import { showControls } from '../diffs/show-controls.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import { deepDiffLines } from './print-deep-diff.ts'

type Tools = { copies: LocalCopies; workers: WorkerPool }

/** Why a file that two builds left differs, as text: the one at `path`, or else the main binary. */
export async function printBuildsDeep(
  tools: Tools,
  [left, right]: readonly [ComparedBuild, ComparedBuild],
  path: string | null,
): Promise<string> {
  const { path: name, diff, reason } = await loadDeepDiff(tools, { left, right }, path)
  return printWhy(name, diff ?? reason)
}

/** Why two files differ that belong to no build, as text. */
export async function printFilesDeep({ workers }: Tools, left: string, right: string): Promise<string> {
  const call = { name: 'file', left, right, times: null }
  const json = await workers.run('diffFilesDeep', call, { timeoutMs: 60_000, maxMemoryMiB: 4_096 })
  return printWhy('', JSON.parse(Buffer.from(json).toString()) as DeepDiff)
}

function printWhy(name: string, found: DeepDiff | string): string {
  const lines = typeof found === 'string' ? [`not compared: ${found}`] : deepDiffLines(found)
  const title = name === '' ? 'Why it differs' : `Why ${name} differs`
  return showControls([title, ...lines.map((line) => (line === '' ? '' : `  ${line}`)), ''].join('\n'))
}
