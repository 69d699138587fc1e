import { analysedColumns, type AnalysedBuild } from '../analyses/kind.ts'
import { loadAnalysisOf, loadResult, stateOf } from '../analyses/load-analyses.ts'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { unlessDamaged } from '../blobs/checked-stream.ts'
import { readText } from '../blobs/read-text.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { NamedValues } from '../formats/named-values.ts'
import { parseSystemPackages } from '../formats/system-packages.ts'
import { componentList, printHash, type ComponentList } from '../package-sets/component-list.ts'
import { findOrigins } from '../package-sets/find-origins.ts'
import { identifySource, type Identity } from '../package-sets/identify-source.ts'
import { buildPath } from '../paths.ts'
import { readVersion } from '../site/read-version.ts'
import type { Bill } from './bill.ts'
import { makeBill } from './make-bill.ts'

/** A build has no bill of materials, or none yet. The message says why. */
export class NoBillError extends DomainError {
  override readonly name = 'NoBillError'
}

type BillDeps = Pick<Deps, 'blobs' | 'db'> & {
  /** Where the site is, without a slash at the end. */
  site: string
}

type FoundBuild = AnalysedBuild & { uuid: string; opamSwitchSha256: string }

/** Reads what a switch contains. Throws NoBillError, and what the reader of switches throws. */
type ReadList = (build: FoundBuild) => Promise<ComponentList>

const maxSystemPackagesBytes = 4 * 1024 ** 2

/**
 * What a build contains. Null: there is no such build. Throws NoBillError if the build brought no `opam-switch`, and what `readList` throws.
 */
export async function findBill(
  { blobs, db, site }: BillDeps,
  uuid: string,
  readList: ReadList,
): Promise<Bill | null> {
  const build = await db.build.findUnique({
    where: { uuid: uuid.toLowerCase() },
    select: {
      ...{ id: true, uuid: true, finishedAt: true, ...analysedColumns },
      job: { select: { name: true } },
      platform: { select: { name: true } },
      artifacts: { where: { path: 'system-packages' }, select: { sha256: true } },
    },
  })
  if (!build) return null
  const [job, platform] = [build.job.name, build.platform.name]
  const { opamSwitchSha256 } = build
  if (opamSwitchSha256 === null)
    throw new NoBillError(`build ${build.uuid} brought no opam-switch, so that nobody knows what is in it`)
  const list = await readList({ ...build, opamSwitchSha256 })
  return makeBill(
    {
      ...{ uuid: build.uuid, job, platform, finishedAt: build.finishedAt },
      ...{ url: site + buildPath(job, build.uuid), software: readVersion() },
      mainBinarySha256: build.mainBinarySha256,
    },
    list,
    await identitiesOf(db, list),
    await readSystemPackages(blobs, build.artifacts[0]?.sha256 ?? null),
  )
}

/** The list that the analysis of the switch gave. Throws NoBillError while, or when, there is none. */
export const analysedList =
  (deps: Pick<Deps, 'analyses' | 'blobs' | 'db'>): ReadList =>
  async (build) => {
    const list = await loadResult(deps, 'COMPONENTS', componentList, build)
    if (list) return list
    const analysis = await loadAnalysisOf(deps, 'COMPONENTS', build)
    const hasFailed = analysis !== null && stateOf(deps.analyses.kinds, analysis) === 'FAILED'
    throw new NoBillError(
      hasFailed
        ? `the opam-switch of build ${build.uuid} cannot be read: ${analysis.row?.error ?? 'nobody knows why'}`
        : `the opam-switch of build ${build.uuid} is read in a moment: ask again`,
    )
  }

/** What is in the vendored sources, as far as the site knows today. */
async function identitiesOf(db: Reader, { vendored }: ComponentList): Promise<Identity[]> {
  const origins = await findOrigins(
    db,
    vendored.flatMap(({ hashes }) => hashes.map(printHash)),
  )
  return vendored.map((source) =>
    identifySource(
      source,
      source.hashes.flatMap((one) => origins.get(printHash(one)) ?? []),
    ),
  )
}

/** Null: the build brought no such file, or it is lost. */
async function readSystemPackages(blobs: BlobStore, sha256: string | null): Promise<NamedValues | null> {
  if (sha256 === null) return null
  const text = await unlessDamaged(readText(blobs, toBlobId(sha256), maxSystemPackagesBytes))
  return text === null ? null : parseSystemPackages(text)
}
