import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'

/** Heading of the jobs whose builds did not tell theirs. */
export const uncategorized = 'Uncategorized'

/** Which jobs to list; absent parts do not restrict it. */
export type JobFilter = {
  search?: string | null
  section?: string | null
  platform?: string | null
  platformId?: PlatformId
  activeWithinDays?: number | null
}

/** Jobs are listed by name; names are unique. */
export function jobsWhere(filter: JobFilter, now: Date): Prisma.JobWhereInput {
  const { search, section, platform, platformId, activeWithinDays } = filter
  return {
    ...(search ? { OR: [{ name: { contains: search } }, { synopsis: { contains: search } }] } : {}),
    ...(section != null ? { section: section === uncategorized ? null : section } : {}),
    ...(platform != null ? { platforms: { some: { platform: { name: platform } } } } : {}),
    ...(platformId !== undefined ? { platforms: { some: { platformId } } } : {}),
    ...(activeWithinDays
      ? { newestSuccessAt: { gte: new Date(now.getTime() - activeWithinDays * 86_400_000) } }
      : {}),
  }
}

/** `where`, `orderBy` and `take` for a page of jobs and one more when there is. */
export function jobsPage(where: Prisma.JobWhereInput, page: Page<string>) {
  const bounds: Prisma.JobWhereInput[] = []
  if (page.after !== null) bounds.push({ name: { gt: page.after } })
  if (page.before !== null) bounds.push({ name: { lt: page.before } })
  return {
    where: { AND: [where, ...bounds] },
    orderBy: { name: page.backward ? 'desc' : 'asc' },
    take: page.limit + 1,
  } satisfies Parameters<PrismaClient['job']['findMany']>[0]
}
