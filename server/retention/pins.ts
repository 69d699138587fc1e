import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import { reasonOf } from './removal.ts'

/** No stored build has this UUID. */
export class UnknownBuildError extends DomainError {
  override readonly name = 'UnknownBuildError'
}

/** A pinned build is not removed. */
export class BuildPinnedError extends DomainError {
  override readonly name = 'BuildPinnedError'
}

/** Builds that were to be removed have been pinned, or have arrived, meanwhile: they are left. */
export class BuildsLeftError extends DomainError {
  override readonly name = 'BuildsLeftError'
}

/** Keeps a build until it is unpinned. A pin that is there gets the new reason. Throws UnknownBuildError. */
export async function pinBuild(
  writer: Writer,
  { actor, at }: Act,
  uuid: string,
  reason: string,
): Promise<void> {
  await writer.transact(['facts'], async (tx) => {
    const build = await tx.build.findUnique({ where: { uuid }, select: { id: true } })
    if (!build) throw new UnknownBuildError(`there is no build ${uuid}`)
    const pin = { reason: reasonOf(reason), pinnedAt: at }
    await tx.pin.upsert({ where: { buildId: build.id }, create: { buildId: build.id, ...pin }, update: pin })
    await recordAudit(tx, { at, actor, action: 'build.pin', target: uuid, detail: { reason: pin.reason } })
  })
}

/** False: the build was not pinned. Throws UnknownBuildError. */
export async function unpinBuild(writer: Writer, { actor, at }: Act, uuid: string): Promise<boolean> {
  return writer.transact<boolean>(
    (isUnpinned) => (isUnpinned ? ['facts'] : []),
    async (tx) => {
      const build = await tx.build.findUnique({ where: { uuid }, select: { id: true } })
      if (!build) throw new UnknownBuildError(`there is no build ${uuid}`)
      const { count } = await tx.pin.deleteMany({ where: { buildId: build.id } })
      if (count > 0) await recordAudit(tx, { at, actor, action: 'build.unpin', target: uuid })
      return count > 0
    },
  )
}
