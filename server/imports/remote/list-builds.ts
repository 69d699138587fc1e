import { z } from 'zod'
import { jobPath } from '../../paths.ts'
import { RemoteSiteError, type RemoteSite } from './remote-site.ts'

/** A build that another site has. */
export type RemoteBuild = { uuid: string; job: string }

type Choice = {
  /** Names of jobs; empty: all. */
  jobs: readonly string[]
  /** Only what the site received at this time or later. builder-web does not know when that was. */
  since: Date | null
}

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)

const HubPage = z.object({
  builds: z.object({
    edges: z.array(z.object({ node: z.object({ uuid, job: z.object({ name: z.string() }) }) })),
    pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullable() }),
  }),
})

/** The oldest arrivals are at the end of the list. */
const hubQuery = `query Mirror($before: String, $filter: BuildFilter) {
  builds(last: 100, before: $before, order: RECEIVED, filter: $filter) {
    edges { node { uuid job { name } } }
    pageInfo { hasPreviousPage startCursor }
  }
}`

/**
 * Pages of the builds of another site. A Builder Hub gives all builds, first come first; builder-web gives one build for
 * each distinct main binary of a job, and those without one, oldest first. Throws RemoteSiteError.
 */
export async function* listRemoteBuilds(
  site: RemoteSite,
  choice: Choice,
): AsyncGenerator<RemoteBuild[], void, void> {
  const isHub = (await site.graphql('{ __typename }', {})) !== null
  if (isHub) {
    for (const job of choice.jobs.length > 0 ? choice.jobs : [null]) yield* listOfHub(site, job, choice.since)
    return
  }
  if (choice.since !== null)
    throw new RemoteSiteError(
      `${site.host} is builder-web, which does not say when builds arrived: leave --since out`,
    )
  for (const job of choice.jobs.length > 0 ? choice.jobs : await listJobs(site))
    yield await listOfBuilderWeb(site, job)
}

async function* listOfHub(
  site: RemoteSite,
  job: string | null,
  since: Date | null,
): AsyncGenerator<RemoteBuild[], void, void> {
  const filter = { ...(job === null ? {} : { job }), ...(since && { receivedSince: since.toISOString() }) }
  let before: string | null = null
  for (;;) {
    const page: z.infer<typeof HubPage> = parse(
      site,
      HubPage,
      await site.graphql(hubQuery, { before, filter }),
    )
    // Within a page, the newest is first.
    yield page.builds.edges.map(({ node }) => ({ uuid: node.uuid, job: node.job.name })).reverse()
    const { hasPreviousPage, startCursor } = page.builds.pageInfo
    if (!hasPreviousPage || startCursor === null) return
    before = startCursor
  }
}

async function listJobs(site: RemoteSite): Promise<string[]> {
  const Jobs = z.object({ jobs: z.array(z.object({ name: z.string() })) })
  return parse(site, Jobs, await site.getJson('/all-builds')).jobs.map(({ name }) => name)
}

async function listOfBuilderWeb(site: RemoteSite, job: string): Promise<RemoteBuild[]> {
  const Builds = z.object({ builds: z.array(z.object({ uuid })) })
  const answer = await site.getJson(`${jobPath(job)}/failed`)
  if (answer === null) throw new RemoteSiteError(`${site.host} has no job ${job}`)
  return parse(site, Builds, answer)
    .builds.map(({ uuid }) => ({ uuid, job }))
    .reverse()
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
