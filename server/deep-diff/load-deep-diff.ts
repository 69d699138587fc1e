import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { toBlobId } from '../blobs/blob-store.ts'
import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { debugBinaryOf } from '../builds/artifact-roles.ts'
import { formatByteSize } from '../byte-size.ts'
import type { Deps } from '../deps.ts'
import type { ComparedBuild } from '../diffs/compared-build.ts'
import type { ComparedFile } from '../diffs/diff-files.ts'
import type { Side } from '../formats/side.ts'
import { perServer } from '../per-server.ts'
import { TaskLimitError } from '../workers/worker-process.ts'
import type { DeepDiff } from './deep-diff.ts'

/** What two builds have at a path, compared in depth; or why it is not compared, in words. */
export type LoadedDeepDiff = { path: string } & (
  { diff: DeepDiff; reason: null } | { diff: null; reason: string }
)

type Loading = Pick<Deps, 'copies' | 'workers'>
type Compared = Record<Side, { build: ComparedBuild; file: ComparedFile; debug: ComparedFile | null }>
type Made = { diff: DeepDiff; bytes: number }
type Asked = { name: string; compared: Compared; loading: Loading }

/** Both are in memory as a whole. */
const maxFileBytes = 128 * 1024 ** 2
/** Limits of the process. The comparison stops by itself long before. */
const processLimits = { timeoutMs: 60_000, maxCpuMs: 20_000, maxMemoryMiB: 1_536 }

/** Comparisons by the hashes of what they compare, and the times of the builds: these never change. */
const cacheOf = perServer(() => {
  // The other processes are for pages.
  const one = pLimit(1)
  return new LRUCache<string, Made, Asked>({
    // What is parsed takes a few times as much.
    maxSize: 16 * 1024 ** 2,
    sizeCalculation: ({ bytes }) => bytes,
    // Who asks while it is being made waits for the same.
    fetchMethod: (_key, _known, { context }) => one(() => makeDeepDiff(context)),
  })
})

/**
 * Compares a file that two builds left in depth: that at a path, or the main binaries if it is null.
 */
export async function loadDeepDiff(
  loading: Loading,
  builds: Record<Side, ComparedBuild>,
  path: string | null,
): Promise<LoadedDeepDiff> {
  const [left, right] = [findFile(builds.left, path), findFile(builds.right, path)]
  const name = path ?? right?.path ?? left?.path ?? ''
  const refuse = (reason: string): LoadedDeepDiff => ({ path: name, diff: null, reason })
  if (!left || !right) {
    const sides = [...(left ? [] : ['left']), ...(right ? [] : ['right'])].join(' and the ')
    return refuse(`the ${sides} build has no ${path === null ? 'main binary' : `artifact ${path}`}`)
  }
  const largest = Math.max(left.sizeBytes, right.sizeBytes)
  if (largest > maxFileBytes)
    return refuse(`it has ${formatByteSize(largest)}: at most ${formatByteSize(maxFileBytes)} are compared`)
  const compared: Compared = {
    left: { build: builds.left, file: left, debug: debugOf(builds.left, left) },
    right: { build: builds.right, file: right, debug: debugOf(builds.right, right) },
  }
  try {
    const { diff } = await cacheOf(loading.workers).forceFetch(keyOf(compared), {
      context: { name, compared, loading },
    })
    return { path: name, diff, reason: null }
  } catch (error) {
    if (error instanceof TaskLimitError) return refuse(error.message)
    if (error instanceof DamagedBlobError) return refuse('its stored file is missing or damaged')
    throw error
  }
}

function findFile({ mainBinary, artifacts }: ComparedBuild, path: string | null): ComparedFile | null {
  return path === null ? mainBinary : (artifacts.find((file) => file.path === path) ?? null)
}

function debugOf({ mainBinary, artifacts }: ComparedBuild, file: ComparedFile): ComparedFile | null {
  if (file.path !== mainBinary?.path) return null
  const debug = debugBinaryOf(artifacts, file.path)
  return debug && debug.sha256 !== file.sha256 && debug.sizeBytes <= maxFileBytes ? debug : null
}

function keyOf({ left, right }: Compared): string {
  return [left, right]
    .flatMap(({ build, file, debug }) => [
      ...[file.sha256, file.path, debug?.sha256 ?? '-'],
      ...[build.startedAt.getTime(), build.finishedAt.getTime()],
    ])
    .join(' ')
}

async function makeDeepDiff({ name, compared, loading }: Asked): Promise<Made> {
  const { left, right } = compared
  const { copies, workers } = loading
  const timeOf = ({ build }: Compared[Side]) => ({
    // What the builder's clock said, since that clock wrote the dates.
    startedAt: (build.recordStartedAt ?? build.startedAt).getTime(),
    finishedAt: (build.recordFinishedAt ?? build.finishedAt).getTime(),
  })
  const withCopy = <Value>(
    { build }: Compared[Side],
    file: ComparedFile,
    use: (path: string) => Promise<Value>,
  ) => copies.withFile(build.blobs, toBlobId(file.sha256), use)
  const withDebug = <Value>(side: Compared[Side], use: (path?: string) => Promise<Value>) =>
    side.debug ? withCopy(side, side.debug, use) : use()
  const json = await withCopy(left, left.file, (leftFile) =>
    withCopy(right, right.file, (rightFile) =>
      withDebug(left, (leftDebug) =>
        withDebug(right, (rightDebug) =>
          workers.run(
            'diffFilesDeep',
            {
              ...{ name, left: leftFile, right: rightFile, leftDebug, rightDebug },
              times: { left: timeOf(left), right: timeOf(right) },
            },
            processLimits,
          ),
        ),
      ),
    ),
  )
  // Written by that task, in this version of the server.
  return { diff: JSON.parse(Buffer.from(json).toString()) as DeepDiff, bytes: json.length }
}
