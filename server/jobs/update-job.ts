import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import { UnknownPlaceError } from '../retention/places.ts'

/** A section that no heading can have. */
export class BadSectionError extends DomainError {
  override readonly name = 'BadSectionError'
}

/** What the operator chooses for a job. What is undefined stays. `section` null: the one that its builds name. */
export type JobChange = { section?: string | null; isHidden?: boolean }

const maxSectionLength = 100

/** Returns whether anything changed. Throws UnknownPlaceError, BadSectionError. */
export async function updateJob(
  writer: Writer,
  { actor, at }: Act,
  name: string,
  { section, isHidden }: JobChange,
): Promise<boolean> {
  if (section != null && !/^\P{Cc}+$/u.test(section.trim()))
    throw new BadSectionError('a section is a heading: it has characters, and no control characters')
  if (section != null && section.length > maxSectionLength)
    throw new BadSectionError(`a section has at most ${maxSectionLength} characters`)
  const operatorSection = section?.trim() ?? section
  return writer.transact<boolean>(
    (isChanged) => (isChanged ? ['facts'] : []),
    async (tx) => {
      const job = await tx.job.findUnique({
        where: { name },
        select: { id: true, operatorSection: true, isHidden: true },
      })
      if (!job) throw new UnknownPlaceError(`there is no job ${JSON.stringify(name)}`)
      const detail = {
        ...(operatorSection !== undefined && operatorSection !== job.operatorSection
          ? { section: [job.operatorSection, operatorSection] }
          : {}),
        ...(isHidden !== undefined && isHidden !== job.isHidden
          ? { isHidden: [job.isHidden, isHidden] }
          : {}),
      }
      if (Object.keys(detail).length === 0) return false
      await tx.job.update({
        where: { id: job.id },
        data: { operatorSection, isHidden },
        select: { id: true },
      })
      await recordAudit(tx, { at, actor, action: 'job.update', target: name, detail })
      return true
    },
  )
}
