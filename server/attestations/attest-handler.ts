import type { Staged } from '../blobs/blob-store.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { inOnePiece } from '../blobs/in-one-piece.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'
import { BusyError, DomainError } from '../errors.ts'
import type { Package } from '../generated/prisma/client.ts'
import { isPackagePath } from '../repositories/find-candidates.ts'
import { packageReader, type PackageReader } from '../repositories/package-reader.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { findTrustedBy } from '../policy/find-trusted-by.ts'
import { sitePolicy } from '../policy/site-policy.ts'
import { siteKeys } from '../signing/site-keys.ts'
import { readVersion } from '../site/read-version.ts'
import { deleteUnreferenced } from '../storage/delete-unreferenced.ts'
import { readReferenceMark, type ReferenceMark } from '../storage/find-references.ts'
import { attestKind } from './attest-task.ts'
import { findStatedBuild, type StatedBuild } from './build-facts.ts'
import { findConfirmations, findOtherOutputs } from './other-builds.ts'
import { provenanceOf } from './provenance.ts'
import type { Materials } from './read-materials.ts'
import { differenceOf } from './rebuild-result.ts'
import { signStatement, statementUuid, type SignedStatement, type StatementToSign } from './sign-statement.ts'
import { statedUrl } from './stated-urls.ts'
import { summaryOf } from './verification-summary.ts'

type HandlerDeps = Pick<Deps, 'blobs' | 'clock' | 'config' | 'copies' | 'db' | 'log' | 'workers' | 'writer'>
type Result = {
  build: StatedBuild
  statements: SignedStatement[]
  described: Package | null
  staged: Staged[]
  mark: ReferenceMark
}

/** Of the opam reader. */
const maxInputBytes = 16 * 1024 ** 2
/** Between two attempts to read a package. */
const retryMs = 60_000
const limits = { maxCpuMs: 5_000, timeoutMs: 120_000 }

/**
 * Signs what the site states about a build: its provenance, that other builders confirm it, that it differs from earlier ones. A statement that
 * a build has from the same key already stays as it is; a summary is made for each policy that holds. The envelopes are durable before the rows that name them.
 */
export function attestHandler(deps: HandlerDeps): TaskHandler<Result | null> {
  const { blobs, clock, config, db, writer } = deps
  const packages = packageReader(deps, { retryMs })
  return {
    ...{ kind: attestKind, version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 12, retryPauseMs: 2_000 },

    async run({ key: uuid }) {
      const now = clock.now()
      const [keys, build] = [await siteKeys(deps, now), await findStatedBuild(db, uuid)]
      // The build may have been removed, and signing switched off.
      if (!keys || !build) return null
      const known = await db.attestation.findMany({
        where: { buildId: build.id, keyId: keys.ATTEST.id },
        select: { uuid: true, envelopeSha256: true },
      })
      const statements: SignedStatement[] = []
      const state = async (statement: StatementToSign) => {
        const uuid = statementUuid(keys, build.uuid, statement)
        const before = known.find((one) => one.uuid === uuid)
        if (before) return before
        const signed = signStatement(keys, build.uuid, statement)
        statements.push(signed)
        return signed
      }
      const url = statedUrl(config)
      const materials = await readMaterialsOf(deps, build)
      const provenance = await state(provenanceOf(build, materials, { url, version: readVersion() }))
      const [first, ...others] = await findOtherOutputs(db, build)
      if (first) await state(differenceOf(build, [first, ...others], url))
      const policy = sitePolicy(config)
      const confirmations = policy
        ? await findTrustedBy(db, policy, build)
        : await findConfirmations(db, build)
      if (confirmations.length > 0)
        await state(summaryOf(build, [provenance, ...confirmations], { url, at: now, policy }))
      const described = await readPackageOf(build, db, packages)
      const mark = await readReferenceMark(db)
      const staged: Staged[] = []
      for (const { envelope } of statements) staged.push(await blobs.stage(inOnePiece(envelope)))
      await blobs.commit(staged)
      return { build, statements, described, staged, mark }
    },

    async complete(tx, _task, result) {
      if (!result) return
      const { described } = result
      if (described && !(await tx.package.findUnique({ where: { sha256: described.sha256 } })))
        await tx.package.create({ data: described, select: { sha256: true } })
      if (result.statements.length === 0) return
      // The build may have been removed meanwhile.
      if (!(await tx.build.findUnique({ where: { id: result.build.id }, select: { id: true } }))) return
      await blobs.restore(result.staged)
      for (const { envelope, subjects, ...row } of result.statements)
        await tx.attestation.create({
          data: {
            ...{ ...row, buildId: result.build.id, statedAt: clock.now() },
            envelopeSizeBytes: envelope.length,
            subjects: { create: subjects },
          },
          select: { id: true },
        })
    },

    changes: (result) => (result && result.statements.length > 0 ? ['facts'] : []),
    kept: async (result) => {
      if (result) await blobs.discard(result.staged)
    },
    async dropped(result) {
      if (!result) return
      await blobs.discard(result.staged)
      await deleteUnreferenced({ blobs, writer }, blobs.createdBy(result.staged), result.mark)
    },
  }
}

/** Clients of rebuilderd ask by the names in packages. Null: it is no package, or was read already, or cannot be read now. */
async function readPackageOf(
  { main }: StatedBuild,
  db: HandlerDeps['db'],
  packages: PackageReader,
): Promise<Package | null> {
  if (!isPackagePath(main.path)) return null
  const known = await db.package.findUnique({ where: { sha256: main.sha256 }, select: { sha256: true } })
  return known ? null : packages.read(main.sha256, /\.deb$/i.test(main.path) ? 'DEB' : 'FREEBSD')
}

/** What the inputs say, read in a worker process. Null: they are missing, or cannot be read, which is no fault of the statement. */
async function readMaterialsOf(
  { blobs, log, workers }: HandlerDeps,
  { artifacts, uuid }: StatedBuild,
): Promise<Materials | null> {
  const shaOf = (path: string) => artifacts.find((one) => one.path === path)?.sha256
  const [opamSwitch, environment] = [shaOf('opam-switch'), shaOf('build-environment')]
  if (opamSwitch === undefined || environment === undefined) return null
  const read = async (sha256: string) => {
    const text = await readText(blobs, toBlobId(sha256), maxInputBytes)
    if (text === null) throw missingBlob(toBlobId(sha256))
    return text
  }
  const input = { opamSwitch: await read(opamSwitch), environment: await read(environment) }
  try {
    return await workers.run('readMaterials', input, limits)
  } catch (error) {
    if (!(error instanceof DomainError) || error instanceof BusyError) throw error
    log.warn({ build: uuid, reason: error.message }, 'the provenance of a build lacks its packages')
    return null
  }
}
