import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { uncategorized } from '../jobs/uncategorized.ts'
import { reproducePolicy, type ReproducePolicy } from './definition.ts'
import { InvalidScheduleError, SectionPolicyNotFoundError } from './errors.ts'
import { checkPlatform, faultsOf, type ReproduceInput } from './schedule-input.ts'

/** How often the outputs of the jobs of a section are built, where the schedule of a job does not say it. */
export type SectionPolicy = { section: string; reproduce: ReproducePolicy; updatedAt: Date }

/** As for the headings that operators choose for jobs. */
const maxSectionCharacters = 100
export const mostSectionPolicies = 200

/** All policies, by section: there are not more than `mostSectionPolicies`. */
export async function listSectionPolicies(db: Reader): Promise<SectionPolicy[]> {
  const rows = await db.sectionPolicy.findMany({ orderBy: { section: 'asc' }, take: mostSectionPolicies })
  return rows.map(({ section, reproduce, updatedAt }) => ({
    section,
    reproduce: reproducePolicy.parse(JSON.parse(reproduce)),
    updatedAt,
  }))
}

/** The policies of the sections that these jobs are in, by the names of jobs; those without one are absent. */
export async function findSectionPolicies(
  db: Reader,
  jobs: readonly string[],
): Promise<Map<string, SectionPolicy>> {
  const policies = new Map((await listSectionPolicies(db)).map((policy) => [policy.section, policy]))
  if (policies.size === 0) return new Map()
  const rows = await db.job.findMany({
    where: { name: { in: [...jobs] } },
    select: { name: true, section: true, operatorSection: true },
  })
  const sectionOf = new Map(
    rows.map(({ name, operatorSection, section }) => [name, operatorSection ?? section]),
  )
  return new Map(
    jobs.flatMap((job) => {
      const policy = policies.get(sectionOf.get(job) ?? uncategorized)
      return policy ? [[job, policy]] : []
    }),
  )
}

/**
 * Says how often the outputs of the jobs of a section are built from now on. What is missing of the policy stays, or has its
 * default. Throws InvalidScheduleError.
 */
export async function setSectionPolicy(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { section, reproduce }: { section: string; reproduce: ReproduceInput },
): Promise<SectionPolicy> {
  checkSection(section)
  return writer.transact(['schedule'], async (tx) => {
    const known = await tx.sectionPolicy.findUnique({ where: { section } })
    if (!known && (await tx.sectionPolicy.count()) >= mostSectionPolicies)
      throw new InvalidScheduleError(
        `there are ${mostSectionPolicies} policies of sections: remove one first`,
      )
    const before = known ? reproducePolicy.parse(JSON.parse(known.reproduce)) : {}
    const policy = checkPolicy({ ...before, ...reproduce })
    const row = { reproduce: JSON.stringify(policy), updatedAt: at }
    await tx.sectionPolicy.upsert({ where: { section }, create: { section, ...row }, update: row })
    await recordAudit(tx, { at, actor, action: 'section-policy.set', target: section, detail: policy })
    return { section, reproduce: policy, updatedAt: row.updatedAt }
  })
}

/** Throws SectionPolicyNotFoundError. */
export async function removeSectionPolicy(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { section }: { section: string },
): Promise<void> {
  await writer.transact(['schedule'], async (tx) => {
    const { count } = await tx.sectionPolicy.deleteMany({ where: { section } })
    if (count === 0) throw new SectionPolicyNotFoundError(section)
    await recordAudit(tx, { at, actor, action: 'section-policy.remove', target: section })
  })
}

function checkSection(section: string): void {
  if (section.trim() === '' || section.length > maxSectionCharacters || /\p{Cc}/u.test(section))
    throw new InvalidScheduleError(
      `a section is a heading: it has 1 to ${maxSectionCharacters} characters, and no control characters`,
    )
}

function checkPolicy(given: object): ReproducePolicy {
  const parsed = reproducePolicy.safeParse(given)
  if (!parsed.success) throw new InvalidScheduleError(faultsOf(parsed.error))
  const { platforms } = parsed.data
  if (Array.isArray(platforms)) for (const platform of platforms) checkPlatform(platform)
  return parsed.data
}
