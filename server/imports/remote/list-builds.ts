import * as z from 'zod'
import { DomainError } from '../../errors.ts'
import { jobPath } from '../../paths.ts'
import type { Refused } from '../import-report.ts'
import { RemoteSiteError, UnreachableSiteError, type RemoteSite } from './remote-site.ts'

/** A build that another site has. */
export type RemoteBuild = { uuid: string; job: string }

type Choice = {
  /** Names of jobs; empty: all. */
  jobs: readonly string[]
  /** Only what the site received at this time or later. builder-web does not know when that was. */
  since: Date | null
  /** Builds that a Builder Hub is asked for at a time; at most 100. */
  pageSize: number
}

/** Told of what cannot be listed, while all else is. */
type Refuse = (refused: Refused) => void

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const uuid = z.string()

const HubPage = z.object({
  builds: z.object({
    edges: z.array(z.object({ node: z.object({ uuid, job: z.object({ name: z.string() }) }) })),
    pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullable() }),
  }),
})

/** The oldest arrivals are at the end of the list. */
const hubQuery = `query Mirror($last: Int!, $before: String, $filter: BuildFilter) {
  builds(last: $last, before: $before, order: RECEIVED, filter: $filter) {
    edges { node { uuid job { name } } }
    pageInfo { hasPreviousPage startCursor }
  }
}`

/**
 * Pages of the builds of another site. A Builder Hub gives all builds, first come first; builder-web gives one build for
 * each distinct main binary of a job, and those without one, oldest first. A job whose list cannot be read is told to
 * `refuse`, and the others are listed. Throws RemoteSiteError if the site cannot be reached, or is no such site.
 */
export async function* listRemoteBuilds(
  site: RemoteSite,
  choice: Choice,
  refuse: Refuse,
): AsyncGenerator<RemoteBuild[], void, void> {
  const isHub = (await site.graphql('{ __typename }', {})) !== null
  if (!isHub && choice.since !== null)
    throw new RemoteSiteError(
      `${site.host} is builder-web, which does not say when builds arrived: leave --since out`,
    )
  if (isHub && choice.jobs.length === 0) {
    yield* listOfHub(site, null, choice, refuse)
    return
  }
  for (const job of choice.jobs.length > 0 ? choice.jobs : await listJobs(site))
    try {
      if (isHub) yield* listOfHub(site, job, choice, refuse)
      else yield await listOfBuilderWeb(site, job, refuse)
    } catch (error) {
      const isOfJob = error instanceof DomainError && !(error instanceof UnreachableSiteError)
      if (!isOfJob) throw error
      refuse({ name: `${site.host}${jobPath(job)}`, reason: error.message })
    }
}

async function* listOfHub(
  site: RemoteSite,
  job: string | null,
  { since, pageSize }: Choice,
  refuse: Refuse,
): AsyncGenerator<RemoteBuild[], void, void> {
  const filter = { ...(job === null ? {} : { job }), ...(since && { receivedSince: since.toISOString() }) }
  const cursors = new Set<string>()
  let before: string | null = null
  for (;;) {
    const page: z.infer<typeof HubPage> = parse(
      site,
      HubPage,
      await site.graphql(hubQuery, { last: pageSize, before, filter }),
    )
    // Within a page, the newest is first.
    const builds = page.builds.edges.map(({ node }) => ({ uuid: node.uuid, job: node.job.name })).reverse()
    yield withoutOddOnes(site, builds, refuse)
    const { hasPreviousPage, startCursor } = page.builds.pageInfo
    if (!hasPreviousPage || startCursor === null) return
    if (cursors.has(startCursor) || builds.length === 0)
      throw new RemoteSiteError(`${site.host} gives the same page of its list again and again`)
    cursors.add(startCursor)
    before = startCursor
  }
}

async function listJobs(site: RemoteSite): Promise<string[]> {
  const Jobs = z.object({ jobs: z.array(z.object({ name: z.string() })) })
  return parse(site, Jobs, await site.getJson('/all-builds')).jobs.map(({ name }) => name)
}

async function listOfBuilderWeb(site: RemoteSite, job: string, refuse: Refuse): Promise<RemoteBuild[]> {
  const Builds = z.object({ builds: z.array(z.object({ uuid })) })
  const answer = await site.getJson(`${jobPath(job)}/failed`)
  if (answer === null) throw new RemoteSiteError(`${site.host} has no job ${job}`)
  const builds = parse(site, Builds, answer).builds.map(({ uuid }) => ({ uuid, job }))
  return withoutOddOnes(site, builds.reverse(), refuse)
}

function withoutOddOnes({ host }: RemoteSite, builds: readonly RemoteBuild[], refuse: Refuse): RemoteBuild[] {
  return builds.filter(({ uuid, job }) => {
    const isUuid = uuidForm.test(uuid)
    if (!isUuid)
      refuse({ name: `${host}${jobPath(job)}`, reason: `${JSON.stringify(uuid.slice(0, 100))} is no UUID` })
    return isUuid
  })
}

function parse<Schema extends z.ZodType>(
  { host }: RemoteSite,
  schema: Schema,
  answer: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new RemoteSiteError(
    `${host} answers otherwise than builder-web and Builder Hub: ${z.prettifyError(parsed.error)}`,
  )
}
