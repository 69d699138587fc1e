import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { toBlobId } from '../blobs/blob-store.ts'
import { findFirstDifference } from '../blobs/first-difference.ts'
import { DamagedBlobError, missingBlob } from '../blobs/checked-stream.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Side } from '../formats/side.ts'
import type { Deps } from '../deps.ts'
import { perServer } from '../per-server.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import { TaskLimitError } from '../workers/worker-process.ts'
import type { ComparedBuild } from './compared-build.ts'
import { diffFiles, type FilesDiff } from './diff-files.ts'
import type { InputContents, InputName, InputsDiff, MissingInput } from './diff-inputs.ts'

/** What changed from one build to another. */
export type BuildDiff = {
  left: ComparedBuild
  right: ComparedBuild
  inputs: InputsDiff
  files: FilesDiff
}

type Input = { name: InputName; key: keyof InputContents; path: string | null; maxBytes: number }

/** Larger inputs are not compared: none that is known has a tenth of that. The script is no artifact. */
const inputs: readonly Input[] = [
  { name: 'OPAM_SWITCH', key: 'opamSwitch', path: 'opam-switch', maxBytes: 4 * 1024 ** 2 },
  { name: 'ENVIRONMENT', key: 'environment', path: 'build-environment', maxBytes: 1024 ** 2 },
  { name: 'SYSTEM_PACKAGES', key: 'systemPackages', path: 'system-packages', maxBytes: 1024 ** 2 },
  { name: 'SCRIPT', key: 'script', path: null, maxBytes: 1024 ** 2 },
]

const damagedReason = 'its stored file is missing or damaged'

/** Whether a stored file could not be read: the comparison says more as soon as it is restored. */
export const isDamaged = ({ inputs: { missing } }: BuildDiff): boolean =>
  missing.some(({ reason }) => reason === damagedReason)

/**
 * Compare two builds. What one of them lacks, or what cannot be read, is told in `inputs.missing`;
 * the rest is compared all the same.
 */
export async function diffBuilds(
  { workers, log }: Pick<Deps, 'workers' | 'log'>,
  left: ComparedBuild,
  right: ComparedBuild,
): Promise<BuildDiff> {
  const [cache, key] = [cacheOf(workers), inputsKey(left, right)]
  const { diff } = await cache.forceFetch(key, { context: { workers, log, left, right } })
  return { left, right, inputs: diff, files: diffFiles(left.artifacts, right.artifacts) }
}

type Made = { diff: InputsDiff; characters: number }

type Asked = Pick<Deps, 'workers' | 'log'> & { left: ComparedBuild; right: ComparedBuild }

/** How long a comparison is kept that lacks a damaged input: an upload of its content mends it. */
const damagedMs = 5_000

/** Diffs that were made, by the hashes of what they compare, as long as there is room: builds never change. */
const cacheOf = perServer(
  () =>
    new LRUCache<string, Made, Asked>({
      maxSize: 64 * 1024 ** 2,
      sizeCalculation: ({ characters }) => characters,
      // Who asks while it is being made waits for the same.
      async fetchMethod(_key, _known, { context, options }) {
        const { made, damaged } = await makeInputsDiff(context)
        if (damaged.length > 0) options.ttl = damagedMs
        for (const error of damaged)
          context.log.error({ err: error }, 'an input of a comparison is missing or damaged')
        return made
      },
    }),
)

function inputsKey(left: ComparedBuild, right: ComparedBuild): string {
  const hashOf = (build: ComparedBuild, input: Input) => contentOf(build, input)?.sha256 ?? '-'
  return [left, right].flatMap((build) => inputs.map((input) => hashOf(build, input))).join(' ')
}

function contentOf({ script, artifacts }: ComparedBuild, { path }: Input) {
  return path === null ? script : (artifacts.find((file) => file.path === path) ?? null)
}

async function makeInputsDiff({
  workers,
  left,
  right,
}: Asked): Promise<{ made: Made; damaged: DamagedBlobError[] }> {
  const missing = inputs.flatMap((input) => [
    ...missingInput(left, input, 'left'),
    ...missingInput(right, input, 'right'),
  ])
  const compared = inputs.filter(({ name }) => !missing.some(({ input }) => input === name))
  const [ofLeft, ofRight] = await Promise.all([
    readContents(left, compared, 'left'),
    readContents(right, compared, 'right'),
  ])
  const unread = [...ofLeft.unread, ...ofRight.unread]
  missing.push(
    ...unread.map(({ name, side }) => ({
      input: name,
      side,
      reason: damagedReason,
    })),
  )
  const { diff, characters } = await runDiff(workers, ofLeft.contents, ofRight.contents)
  const made = { diff: { ...diff, missing: [...missing, ...diff.missing] }, characters: characters + 1_000 }
  return { made, damaged: unread.map(({ error }) => error) }
}

function missingInput(build: ComparedBuild, input: Input, side: Side): MissingInput[] {
  const { name, path, maxBytes } = input
  const content = contentOf(build, input)
  if (!content) return [{ input: name, side, reason: `the build has no artifact ${path}` }]
  if (content.sizeBytes <= maxBytes) return []
  const what = path ?? 'the script'
  return [
    {
      input: name,
      side,
      reason: `${what} has ${content.sizeBytes} bytes: at most ${maxBytes} are compared`,
    },
  ]
}

type Unread = { name: InputName; side: Side; error: DamagedBlobError }

async function readContents(
  build: ComparedBuild,
  compared: readonly Input[],
  side: Side,
): Promise<{ contents: InputContents; unread: Unread[] }> {
  const unread: Unread[] = []
  const contents: InputContents = { opamSwitch: null, environment: null, systemPackages: null, script: null }
  for (const input of compared) {
    const content = contentOf(build, input)
    if (!content) continue
    const id = toBlobId(content.sha256)
    try {
      const bytes = await readBytes(build.blobs, id, input.maxBytes)
      if (!bytes) throw missingBlob(id)
      contents[input.key] = bytes
    } catch (error) {
      if (!(error instanceof DamagedBlobError)) throw error
      unread.push({ name: input.name, side, error })
    }
  }
  return { contents, unread }
}

async function runDiff(workers: WorkerPool, left: InputContents, right: InputContents): Promise<Made> {
  try {
    return await workers.run('diffInputs', { left, right })
  } catch (error) {
    if (!(error instanceof TaskLimitError)) throw error
    // Which of the two is hostile is not known: the switch, the only input with a grammar, is left out.
    const rest = await workers.run('diffInputs', {
      left: { ...left, opamSwitch: null },
      right: { ...right, opamSwitch: null },
    })
    const reason = `the opam switches cannot be compared: ${error.message}`
    const missing = (['left', 'right'] as const).map((side) => ({
      input: 'OPAM_SWITCH' as const,
      side,
      reason,
    }))
    return { ...rest, diff: { ...rest.diff, missing: [...missing, ...rest.diff.missing] } }
  }
}

/** Offsets that were found, by the two hashes: a search may read gigabytes. */
const offsetsOf = perServer(() => ({
  known: new LRUCache<string, Promise<number | null>>({ max: 1_000 }),
  few: pLimit(4),
}))

/**
 * The offset of the first byte in which the main binaries differ; null when they are equal, or a
 * build has none.
 */
export function findFirstDifferingOffset({
  left,
  right,
}: Pick<BuildDiff, 'left' | 'right'>): Promise<number | null> {
  if (!left.mainBinary || !right.mainBinary) return Promise.resolve(null)
  const leftId = toBlobId(left.mainBinary.sha256)
  const rightId = toBlobId(right.mainBinary.sha256)
  const key = `${leftId} ${rightId}`
  const offsets = offsetsOf(left.blobs)
  const known = offsets.known.get(key)
  if (known) return known
  const found = offsets.few(() =>
    findFirstDifference({ blobs: left.blobs, id: leftId }, { blobs: right.blobs, id: rightId }),
  )
  offsets.known.set(key, found)
  found.catch(() => offsets.known.delete(key))
  return found
}
