import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import type { VexJustification, VexStatus } from './vex.ts'

/** What is said of an advisory cannot be said so. */
export class VexError extends DomainError {
  override readonly name = 'VexError'
}

/** What the operator says. `jobs`: names, in which `*` stands for any characters. */
export type VexInput = {
  advisoryId: string
  jobs: string
  status: VexStatus
  justification: VexJustification | null
  note: string | null
}

const maxLength = 1_000

/** Says something of an advisory and the builds of jobs, in place of what was said of the same jobs before. Throws VexError. */
export async function setVex(writer: Writer, { actor, at }: Act, input: VexInput): Promise<void> {
  const { advisoryId, jobs, status, justification, note } = input
  if (jobs === '' || jobs.length > maxLength || (note?.length ?? 0) > maxLength)
    throw new VexError(`the names of jobs, and the note, have at most ${maxLength} characters each`)
  if ((status === 'NOT_AFFECTED') !== (justification !== null) && (status !== 'NOT_AFFECTED' || !note))
    throw new VexError(
      status === 'NOT_AFFECTED'
        ? 'say why the builds are not affected: with a justification, or a note'
        : 'a justification says why builds are not affected: leave it out',
    )
  await writer.transact(['facts'], async (tx) => {
    const found = await tx.advisory.findUnique({ where: { id: advisoryId }, select: { id: true } })
    if (!found) throw new VexError(`there is no advisory ${advisoryId}: "hub advisories list" prints all`)
    const data = { status, justification, note, statedAt: at, statedBy: actor.name }
    await tx.vexStatement.upsert({
      where: { advisoryId_jobs: { advisoryId, jobs } },
      create: { advisoryId, jobs, ...data },
      update: data,
      select: { id: true },
    })
    const detail = { jobs, status, justification }
    await recordAudit(tx, { actor, at, action: 'advisory.vex', target: advisoryId, detail })
  })
}
