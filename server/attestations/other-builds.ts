import type { Reader } from '../database/reader.ts'
import { predicateTypes } from '../formats/signing/statement.ts'
import type { StatedBuild } from './build-facts.ts'
import type { OtherOutput } from './rebuild-result.ts'
import type { InputAttestation } from './verification-summary.ts'

/** Outputs that one statement names. An input with more has a larger problem. */
const maxOutputs = 16
const maxBuilders = 16

/** The distinct outputs that earlier builds of the same inputs have, and this one has not, each by its first build. */
export async function findOtherOutputs(
  db: Reader,
  { id, inputId, main }: StatedBuild,
): Promise<OtherOutput[]> {
  if (inputId === null) return []
  const firsts = await db.build.groupBy({
    by: ['mainBinarySha256'],
    where: { inputId, id: { lt: id }, mainBinarySha256: { not: main.sha256 } },
    _min: { id: true },
    orderBy: { _min: { id: 'asc' } },
    take: maxOutputs,
  })
  const ids = firsts.flatMap(({ mainBinarySha256, _min }) =>
    mainBinarySha256 === null || _min.id === null ? [] : [_min.id],
  )
  if (ids.length === 0) return []
  const rows = await db.build.findMany({
    where: { id: { in: ids } },
    orderBy: { id: 'asc' },
    select: { uuid: true, mainBinaryPath: true, mainBinarySha256: true },
  })
  return rows.flatMap(({ uuid, mainBinaryPath: path, mainBinarySha256: sha256 }) =>
    path === null || sha256 === null ? [] : [{ uuid, path, sha256 }],
  )
}

/**
 * The provenance of builds by other users that have the same inputs and the same output, one for each user. None if some build of these
 * inputs has another output: then the output is disputed.
 */
export async function findConfirmations(
  db: Reader,
  { inputId, main, uploaderId }: StatedBuild,
): Promise<InputAttestation[]> {
  if (inputId === null || uploaderId === null) return []
  const disputing = await db.build.findFirst({
    where: { inputId, mainBinarySha256: { not: main.sha256 } },
    select: { id: true },
  })
  if (disputing) return []
  const builders = await db.build.groupBy({
    by: ['uploaderId'],
    where: {
      ...{ inputId, mainBinarySha256: main.sha256, uploaderId: { not: uploaderId } },
      attestations: { some: { predicateType: predicateTypes.provenance } },
    },
    _min: { id: true },
    orderBy: { _min: { id: 'asc' } },
    take: maxBuilders,
  })
  const ids = builders.flatMap(({ uploaderId: of, _min }) =>
    of === null || _min.id === null ? [] : [_min.id],
  )
  const rows = await db.attestation.findMany({
    where: { buildId: { in: ids }, predicateType: predicateTypes.provenance },
    orderBy: [{ buildId: 'asc' }, { id: 'desc' }],
    select: { uuid: true, envelopeSha256: true, buildId: true },
  })
  // After a rotation, a build may have been stated by two keys: the newer one counts.
  return rows.filter(({ buildId }, n) => rows[n - 1]?.buildId !== buildId)
}
