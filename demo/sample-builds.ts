import type { ExecFile, ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { buildConsole, type ConsoleEnd, type ConsoleLine } from './console.ts'
import { buildEnvironment, systemPackages } from './host.ts'
import { jobs, revisionAt, type DemoJob } from './jobs.ts'
import { opamCommand, opamFiltered } from './opam-printer.ts'
import { exportSwitch } from './opam-switch.ts'
import { closureOf, packagesAt, type PackageUniverse } from './package-universe.ts'
import { buildProducts, type BuildProduct } from './products.ts'
import { digestOf, seededRandom } from './random.ts'
import { buildScript } from './script.ts'
import { story, type Outcome, type StoryBuild } from './story.ts'

export type SampleBuild = { uploader: string; record: ExecRecord }

const dayMs = 24 * 60 * 60 * 1000
const timeoutMs = 60 * 60 * 1000
/** Compiler calls that a verbose build shows for each package. */
const verboseUnitsPerPackage = 220

/**
 * The demo's builds, oldest first: made up, but told as real records. Equal `now` gives equal builds;
 * another one moves their dates (and what has a date in it), not their uuids.
 */
export function* sampleBuilds(now: Date): Generator<SampleBuild, void, void> {
  for (const build of story.toSorted((a, b) => b.daysAgo - a.daysAgo)) {
    yield { uploader: build.uploader, record: sampleRecord(build, now) }
  }
}

function sampleRecord(build: StoryBuild, now: Date): ExecRecord {
  const { daysAgo, platform, outcome } = build
  const job = jobs[build.job]
  const seed = `${build.job} ${daysAgo} ${platform}`
  const universe = packagesAt(daysAgo, job.compiler)
  const finishedAt = new Date(now.getTime() - Math.round(daysAgo * dayMs))
  const durationMs = outcome.kind === 'timeout' ? timeoutMs : seededRandom(seed).integer(190_000, 1_400_000)
  const startedAt = new Date(finishedAt.getTime() - durationMs)
  const artifacts = artifactsOf(build, job, universe, startedAt)
  return {
    job: job.name,
    platform,
    uuid: uuidOf(seed),
    startedAt,
    finishedAt,
    result: resultOf(outcome),
    script: Buffer.from(buildScript(job, platform)),
    console: consoleOf(build, job, universe, durationMs / 1000, artifacts).map(({ seconds, text }) => ({
      deltaNs: BigInt(Math.round(seconds * 1e9)),
      text: Buffer.from(text),
    })),
    artifacts: artifacts.map(({ path, content }): ExecFile => ({
      path,
      sizeBytes: content.length,
      data: () => [content],
    })),
  }
}

/** A random (version 4) UUID by its looks. */
function uuidOf(seed: string): string {
  const hex = digestOf('sha256', `builder-hub demo ${seed}`)
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

function resultOf(outcome: Outcome): ExecRecord['result'] {
  switch (outcome.kind) {
    case 'success':
    case 'several-binaries':
      return { kind: 'exited', code: 0n }
    case 'killed':
      return { kind: 'signalled', signal: outcome.signal }
    case 'timeout':
      return { kind: 'aborted', message: new TextEncoder().encode('timeout') }
    default:
      return { kind: 'exited', code: outcome.exitCode }
  }
}

/** The files that orb writes, in its order. A build that failed before its switch was created has none. */
function artifactsOf(
  { daysAgo, platform, outcome }: StoryBuild,
  job: DemoJob,
  universe: PackageUniverse,
  startedAt: Date,
): BuildProduct[] {
  const hasOutput = outcome.kind === 'success' || outcome.kind === 'several-binaries'
  if (!hasOutput && outcome.kind !== 'test-failure') return []
  const inputs = [
    { path: 'system-packages', content: Buffer.from(systemPackages(platform, daysAgo)) },
    { path: 'build-environment', content: Buffer.from(buildEnvironment(job.name, platform, daysAgo)) },
    { path: 'opam-switch', content: Buffer.from(exportSwitch(rootPackage(job, daysAgo), universe)) },
  ]
  if (!hasOutput) return inputs
  const products = buildProducts({
    job,
    universe,
    daysAgo,
    platform,
    startedAt,
    asPackage: outcome.kind === 'success',
  })
  return [
    ...inputs,
    { path: `${job.name}.build-hashes`, content: Buffer.from(buildHashes(products)) },
    ...products,
  ]
}

function rootPackage(job: DemoJob, daysAgo: number) {
  const { version } = revisionAt(job, daysAgo)
  return {
    name: job.name,
    version,
    synopsis: job.synopsis,
    description: job.description,
    repository: job.repository,
    commit: digestOf('sha1', `${job.name} ${version}`),
    libraries: job.libraries,
    unikernel: job.kind === 'unikernel' ? { target: job.target } : null,
    packaging:
      job.kind === 'service'
        ? [
            opamFiltered(opamCommand('"sh" "-ex" "packaging/FreeBSD/create_package.sh"'), 'os = "freebsd"'),
            opamFiltered(
              opamCommand('"sh" "-ex" "packaging/debian/create_package.sh"'),
              'os-family = "debian"',
            ),
          ]
        : [],
  }
}

/** opam's list of the files that the root package installed, with their MD5. */
function buildHashes(products: readonly BuildProduct[]): string {
  const lines = products.map(({ path, content }) => `  "${path}" {"F:${digestOf('md5', content)}"}\n`).sort()
  return `opam-version: "2.0"\nadded: [\n${lines.join('')}]\n`
}

function consoleOf(
  { daysAgo, platform, outcome, uploader }: StoryBuild,
  job: DemoJob,
  universe: PackageUniverse,
  durationSeconds: number,
  artifacts: readonly BuildProduct[],
): ConsoleLine[] {
  const { version } = revisionAt(job, daysAgo)
  const tools = ['mirage', 'ocaml-solo5', 'opam-monorepo', 'solo5']
  const installed = closureOf(job.kind === 'unikernel' ? tools : job.libraries, universe)
  const isLong = outcome.kind === 'success' && outcome.console === 'long'
  const lines = buildConsole({
    seed: `console ${job.name} ${daysAgo} ${uploader}`,
    job: job.name,
    isFreebsd: platform === 'freebsd-14',
    packages: [...installed, { name: job.name, version }].map((entry) => `${entry.name}.${entry.version}`),
    verboseUnits: isLong
      ? installed.flatMap((entry) => verboseUnits(entry.name, Object.keys(entry.units)))
      : [],
    hasColours: isLong || uploader === 'scooby',
    durationSeconds,
    end: consoleEnd(outcome, job.name, version, artifacts),
  })
  const cutShort = outcome.kind === 'killed' || outcome.kind === 'timeout'
  return cutShort ? lines.slice(0, Math.floor(lines.length * 0.7)) : lines
}

function verboseUnits(packageName: string, units: readonly string[]) {
  const names = units.length > 0 ? units : [packageName.replaceAll('-', '_')]
  return Array.from({ length: verboseUnitsPerPackage }, (_, index) => {
    const unit = names[index % names.length] ?? packageName
    return {
      packageName,
      unit: index < names.length ? unit : `${unit}__Part${Math.floor(index / names.length)}`,
    }
  })
}

function consoleEnd(
  outcome: Outcome,
  packageName: string,
  version: string,
  artifacts: readonly BuildProduct[],
): ConsoleEnd {
  switch (outcome.kind) {
    case 'success':
    case 'several-binaries':
      return { kind: 'succeeded', artifacts: artifacts.map(({ path }) => path) }
    case 'unsolvable':
      return { kind: 'unsolvable', reasons: outcome.reasons }
    case 'compile-error':
      return { kind: 'compile-error', packageName: outcome.packageName, version, lines: outcome.lines }
    case 'test-failure':
      return { kind: 'test-failure', packageName, version, lines: outcome.lines }
    default:
      return { kind: 'silent' }
  }
}
