import { LRUCache } from 'lru-cache'
import { toBlobId } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'
import type { BuildId, PlatformId } from '../ids.ts'
import { TaskLimitError } from '../workers/worker-pool.ts'
import { diffFiles, type ComparedFile, type FilesDiff } from './diff-artifacts.ts'
import type { InputName, InputsDiff, InputTexts, MissingInput, Side } from './inputs-diff.ts'

/** A build, as far as comparisons need it. */
export type ComparedBuild = {
  id: BuildId
  uuid: string
  platformId: PlatformId
  durationMs: number
  scriptSha256: string
  mainBinaryPath: string | null
  /** By path. */
  artifacts: ComparedFile[]
}

/** Larger inputs are not compared: no switch export that opam writes is a tenth of it. */
const maxInputBytes = 32 * 1024 ** 2

const inputs = [
  { name: 'OPAM_SWITCH', key: 'opamSwitch', path: 'opam-switch' },
  { name: 'ENVIRONMENT', key: 'environment', path: 'build-environment' },
  { name: 'SYSTEM_PACKAGES', key: 'systemPackages', path: 'system-packages' },
] as const satisfies readonly { name: InputName; key: keyof InputTexts; path: string }[]

/** A diff that was made, for as long as there is room: builds never change. */
const cache = new LRUCache<string, InputsDiff>({
  maxSize: 64 * 1024 ** 2,
  sizeCalculation: (diff) => JSON.stringify(diff).length + 1,
})

/** A build with what is compared of it; null when there is none. */
export async function findComparedBuild({ db }: Pick<Deps, 'db'>, uuid: string): Promise<ComparedBuild | null> {
  const build = await db.build.findUnique({
    where: { uuid },
    select: {
      id: true,
      uuid: true,
      platformId: true,
      startedAt: true,
      finishedAt: true,
      scriptSha256: true,
      mainBinary: { select: { path: true } },
      artifacts: { select: { path: true, sha256: true, sizeBytes: true }, orderBy: { path: 'asc' } },
    },
  })
  if (!build) return null
  const { startedAt, finishedAt, mainBinary, ...facts } = build
  return {
    ...facts,
    durationMs: finishedAt.getTime() - startedAt.getTime(),
    mainBinaryPath: mainBinary?.path ?? null,
    artifacts: build.artifacts.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes: Number(sizeBytes) })),
  }
}

/** How the files differ that two builds made. */
export function diffArtifacts(left: ComparedBuild, right: ComparedBuild): FilesDiff {
  return diffFiles(left.artifacts, right.artifacts)
}

/**
 * How the inputs of two builds differ: opam switch, environment, system packages, script. Computed
 * in a thread, once for each pair of contents. What one of them lacks, or what cannot be read, is
 * told in `missing`; the rest is compared all the same.
 */
export async function diffInputsOf(
  deps: Pick<Deps, 'blobs' | 'workers'>,
  left: ComparedBuild,
  right: ComparedBuild,
): Promise<InputsDiff> {
  const key = [left, right].map(inputsKey).join(' ')
  const known = cache.get(key)
  if (known) return known
  const missing: MissingInput[] = []
  const [leftTexts, rightTexts] = await Promise.all([
    readInputs(deps, left, 'LEFT', missing),
    readInputs(deps, right, 'RIGHT', missing),
  ])
  const diff = await compare(deps, leftTexts, rightTexts)
  const whole = { ...diff, missing: [...missing, ...diff.missing] }
  cache.set(key, whole)
  return whole
}

async function compare({ workers }: Pick<Deps, 'workers'>, left: InputTexts, right: InputTexts): Promise<InputsDiff> {
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
    return {
      ...rest,
      missing: [
        { input: 'OPAM_SWITCH', side: 'LEFT', reason },
        { input: 'OPAM_SWITCH', side: 'RIGHT', reason },
      ],
    }
  }
}

function inputsKey({ scriptSha256, artifacts }: ComparedBuild): string {
  const hashes = inputs.map(({ path }) => artifacts.find((one) => one.path === path)?.sha256 ?? '-')
  return [...hashes, scriptSha256].join('+')
}

async function readInputs(
  { blobs }: Pick<Deps, 'blobs'>,
  build: ComparedBuild,
  side: Side,
  missing: MissingInput[],
): Promise<InputTexts> {
  const texts: InputTexts = { opamSwitch: null, environment: null, systemPackages: null, script: null }
  for (const { name, key, path } of inputs) {
    const file = build.artifacts.find((artifact) => artifact.path === path)
    if (!file) missing.push({ input: name, side, reason: `the build has no artifact ${path}` })
    else if (file.sizeBytes > maxInputBytes) missing.push({ input: name, side, reason: tooLarge(path, file.sizeBytes) })
    else texts[key] = await readText(blobs, toBlobId(file.sha256))
  }
  texts.script = await readText(blobs, toBlobId(build.scriptSha256))
  return texts
}

function tooLarge(path: string, sizeBytes: number): string {
  return `${path} has ${sizeBytes} bytes; only files up to ${maxInputBytes} are compared`
}
