import { isOutput } from '../attestations/build-facts.ts'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import { inputIdOf, inputPaths } from '../builds/artifact-roles.ts'
import { compareBytes } from '../compare-bytes.ts'
import type { Reader } from '../database/reader.ts'
import { parseEnvironment } from '../formats/environment.ts'
import { artifactPath, buildPath } from '../paths.ts'

/** A file with the address that it is at. */
export type PlannedFile = { name: string; url: string; sha256: string }

/** Where a build can be built again. `snapshot`: the time of the system packages, as snapshot archives name it. */
export type Machine =
  | { kind: 'container'; image: string; archive: 'debian' | 'ubuntu'; snapshot: string; arch: string }
  | { kind: 'freebsd'; version: string; arch: string }

/** What it takes to build something again, and to compare it. Equal for each reader, at each time, of one site. */
export type RebuildPlan = {
  version: 1
  build: { job: string; uuid: string; platform: string; startedAt: string; url: string }
  /** Of the three inputs: what a vote is about. */
  inputId: string
  inputs: PlannedFile[]
  outputs: { path: string; sha256: string }[]
  machine: Machine
  /** The package of orb that was the newest when the build began; null: the site has none, and opam installs `orbFromOpam`. */
  orb: PlannedFile | null
  orbFromOpam: string
  /** What runs in the machine, in a folder with `in`. */
  command: string[]
  /** Where signed votes are sent. */
  attestationsUrl: string
}

/** Why a build cannot be built again by a script; a sentence. */
export type NoPlan = { reason: string }

/** Reads the inputs and the environment of orb 1. */
const orbFromOpam = 'orb.1.0.1'
/** Its number for the form of its files: other numbers are another environment for it. */
const orbData = '2'
const maxEnvironmentBytes = 256 * 1024
const arches: Record<string, string> = { amd64: 'x86_64', arm64: 'aarch64', 'x86-64': 'x86_64' }

/** Null: there is no such build. `url`: the address of the site. */
export async function findRebuildPlan(
  { db, blobs }: { db: Reader; blobs: BlobStore },
  uuid: string,
  url: string,
): Promise<RebuildPlan | NoPlan | null> {
  const build = await db.build.findUnique({
    where: { uuid },
    select: {
      ...{ uuid: true, startedAt: true, mainBinaryPath: true },
      ...{ job: { select: { name: true } }, platform: { select: { name: true } } },
      artifacts: { select: { path: true, sha256: true } },
    },
  })
  if (!build) return null
  const outputs = build.artifacts.filter(({ path }) => isOutput(path))
  if (outputs.length === 0) return { reason: 'It has no output to compare.' }
  const job = build.job.name
  const inputs = inputPaths.flatMap((name) => {
    const found = build.artifacts.find(({ path }) => path === name)
    return found ? [{ name, url: url + artifactPath(job, uuid, name), sha256: found.sha256 }] : []
  })
  const environmentFile = inputs.find(({ name }) => name === 'build-environment')
  const inputId = inputIdOf(build.artifacts.map(({ path, sha256 }) => ({ path, content: { id: sha256 } })))
  if (inputId === null || !environmentFile)
    return { reason: 'It was not built by orb: it lacks the list of what it was built from.' }
  const text = await readText(blobs, toBlobId(environmentFile.sha256), maxEnvironmentBytes)
  const environment = parseEnvironment(text ?? '')
  const machine = machineOf(environment, build.platform.name, build.startedAt)
  if (!machine)
    return {
      reason:
        'It was built on a system that the script has no container for: Debian, Ubuntu and FreeBSD only.',
    }
  const isOther = environment.get('ORB_DATA') !== orbData
  return {
    version: 1,
    build: {
      ...{ job, uuid: build.uuid, platform: build.platform.name },
      ...{ startedAt: build.startedAt.toISOString(), url: url + buildPath(job, build.uuid) },
    },
    ...{ inputId, inputs },
    outputs: sortOutputs(outputs, build.mainBinaryPath),
    machine,
    orb: await findOrb(db, build, url),
    orbFromOpam,
    command: [
      ...['orb', 'rebuild', '--disable-sandboxing'],
      ...(isOther ? ['--ignore-env-differences'] : []),
      // FreeBSD keeps no old packages.
      ...(machine.kind === 'freebsd' ? ['--skip-system'] : []),
      ...['--cache', 'https://opam.ocaml.org/cache', '--out', 'out', 'in'],
    ],
    attestationsUrl: `${url}/attestations`,
  }
}

/** The main binary first, if there is one, the others by their paths. */
const sortOutputs = (outputs: readonly { path: string; sha256: string }[], main: string | null) =>
  outputs
    .map(({ path, sha256 }) => ({ path, sha256 }))
    .toSorted(
      (left, right) =>
        Number(right.path === main) - Number(left.path === main) || compareBytes(left.path, right.path),
    )

/** What the environment says, or else the name of the platform, such as `debian-12`. Null: something else. */
function machineOf(environment: ReadonlyMap<string, string>, platform: string, at: Date): Machine | null {
  const [, ofName = '', versionOfName = ''] = /(debian|ubuntu|freebsd)-?(\d+(?:\.\d+)?)/i.exec(platform) ?? []
  const stated = (environment.get('OS_DISTRIBUTION') ?? environment.get('OS') ?? '').toLowerCase()
  const isStated = ['debian', 'ubuntu', 'freebsd'].includes(stated)
  const system = isStated ? stated : ofName.toLowerCase()
  const version = (isStated ? environment.get('OS_VERSION') : undefined) ?? versionOfName
  if (!/^\d+(\.\d+)*$/.test(version)) return null
  const named = environment.get('ARCH') ?? ''
  const arch = arches[named] ?? (/^[a-z0-9_]+$/.test(named) ? named : 'x86_64')
  if (system === 'freebsd') return { kind: 'freebsd', version: version.split('.')[0] ?? version, arch }
  if (system !== 'debian' && system !== 'ubuntu') return null
  const image = `${system}:${system === 'debian' ? version.split('.')[0] : version}`
  const snapshot = `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  return { kind: 'container', image, archive: system, snapshot, arch }
}

/** The newest package of orb on the platform that was there when the build began. */
async function findOrb(
  db: Reader,
  { platform, startedAt }: { platform: { name: string }; startedAt: Date },
  url: string,
): Promise<PlannedFile | null> {
  const found = await db.build.findFirst({
    where: {
      ...{ job: { name: 'orb' }, platform: { name: platform.name }, startedAt: { lt: startedAt } },
      mainBinarySha256: { not: null },
    },
    orderBy: [{ startedAt: 'desc' }, { uuid: 'desc' }],
    select: { uuid: true, mainBinaryPath: true, mainBinarySha256: true },
  })
  if (!found?.mainBinaryPath || !found.mainBinarySha256) return null
  const [ending] = /\.(deb|pkg|txz)$/.exec(found.mainBinaryPath) ?? []
  if (ending === undefined) return null
  const { mainBinaryPath: path, mainBinarySha256: sha256 } = found
  return { name: `orb${ending}`, url: url + artifactPath('orb', found.uuid, path), sha256 }
}
