import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectDir, type TestApp } from '../app.ts'
import { planOf, sha256, siteOf, uuidOf } from './graphql-site.ts'

/** SQL statements that a page of the application may cost. */
const budget = 8

const homeBuild = `uuid status startedAt failure { class } mainBinary { path sizeBytes sha256 } result { __typename }
  reproducibility { verdict buildCount }`
const home = `{
  site { jobCount recentJobCount platformCount buildCount failingJobCount newestUploadAt expiredJobsDays }
  jobs(first: 20, filter: { recent: true }) {
    nodes { id name section synopsis resourcePath solo5 { target netDevices blockDevices } standings {
      platform { name } newestBuild { ${homeBuild} } newestSuccess { ${homeBuild} }
    } }
  }
}`
const row = `uuid url status startedAt finishedAt durationMs receivedAt uploadedBy inputId consoleUrl consoleResourcePath scriptUrl
  job { name } platform { name } mainBinary { path sizeBytes sha256 mediaType } result { __typename }`

const globalId = (text: string) => Buffer.from(text).toString('base64')

const operations: Record<string, [query: string, variables: Record<string, unknown>, statements: number]> = {
  home: [home, {}, 8],
  'jobs at a glance': [
    `{ site { jobCount } overview { jobs { name version sizes solo5 { target } grade { kind }
      platforms { name failing { failedCount newestBuild { uuid } } } } issues { id jobs } } }`,
    {},
    6,
  ],
  'newest builds of jobs': [
    `{ jobs(first: 20) { totalCount nodes { name standings { newestBuild { uuid platform { name } mainBinary { sizeBytes } } } } } }`,
    {},
    6,
  ],
  job: [
    `{ job(name: "job-01") { id name section synopsis description resourcePath readme { markdown html }
      platforms { name }
      builds(first: 2) { totalCount pageInfo { endCursor } nodes { uuid resourcePath startedAt durationMs status platform { name } mainBinary { path sizeBytes sha256 } result { __typename } } } } }`,
    {},
    7,
  ],
  build: [
    `query ($uuid: UUID!) { build(uuid: $uuid) { ${row} consoleSizeBytes script solo5 { target devices { name type } } failure { class }
      artifacts { totalCount nodes { id path sha256 sizeBytes mediaType } }
      console { totalCount nodes { number offsetMs text } } } }`,
    { uuid: uuidOf(4) },
    7,
  ],
  'failed builds': [
    `{ platforms { nodes { name } } builds(filter: { status: FAILED }, first: 2) { totalCount nodes { ${row} } } }`,
    {},
    7,
  ],
  'builds of some days': [
    `{ builds(filter: { since: "2026-01-01T00:00:00Z", platform: "debian-12" }, first: 2) { totalCount nodes { ${row} } } }`,
    {},
    6,
  ],
  'builds to compare with': [
    `{ job(name: "job-01") { platforms { name } builds(first: 2, platform: "debian-12", verdict: REPRODUCED,
      since: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z") {
        totalCount nodes { uuid startedAt platform { name } reproducibility { verdict buildCount } } } } }`,
    {},
    7,
  ],
  'builds by verdict and status': [
    `{ builds(filter: { verdict: REPRODUCED, status: SUCCEEDED }, first: 2) { totalCount nodes { uuid } } }`,
    {},
    3,
  ],
  'builds of a platform by verdict': [
    `{ builds(filter: { verdict: NO_OUTPUT, platform: "freebsd-14" }, first: 2) { totalCount nodes { uuid } } }`,
    {},
    3,
  ],
  'reproductions of a build': [
    `query ($uuid: UUID!) { build(uuid: $uuid) { reproducibility {
      verdict buildCount inputCount uploaders platforms { name } reproductions(first: 2, input: OTHER) { totalCount nodes { uuid job { name } } } } } }`,
    { uuid: uuidOf(4) },
    7,
  ],
  'relatives of a build': [
    `query ($uuid: UUID!) { build(uuid: $uuid) { newestWithMainBinary { uuid } firstWithOutput { uuid } nextDifferentOutput { uuid }
      previousDifferentOutput { uuid } nextSuccess { uuid } previousSuccess { uuid } } }`,
    { uuid: uuidOf(4) },
    3,
  ],
  'outputs of a job': [
    `{ job(name: "job-01") { outputs(first: 2) { nodes { sha256 sizeBytes buildCount verdict firstStartedAt newestStartedAt
      firstBuild { uuid startedAt platform { name } } newestBuilds { uuid startedAt platform { name } } } } } }`,
    {},
    7,
  ],
  'changes of outputs of a job': [
    `{ job(name: "job-01") { outputs(first: 2) { nodes { sha256 change { resourcePath summary { headline } left { uuid } right { uuid } } } } } }`,
    {},
    7,
  ],
  'history of a job': [
    `{ job(name: "job-01") { history { interval series { platform { name } points { startsAt sizeBytes change { resourcePath } newestBuild { uuid } } } } } }`,
    {},
    5,
  ],
  'history of a job by period': [
    `{ job(name: "job-01") { history(maxPoints: 1, since: "2026-01-01T00:00:00Z") { interval series { points { startsAt sizeBytes change { resourcePath } resourcePath } } } } }`,
    {},
    3,
  ],
  'search by hash': [
    `query ($sha256: Sha256!) { artifacts(sha256: $sha256, first: 2) {
      totalCount nodes { path sizeBytes resourcePath build { uuid startedAt job { name } platform { name } } } } }`,
    { sha256: sha256('shared') },
    6,
  ],
  'search by text': [
    `{ jobs(filter: { search: "JOB" }, first: 2) { totalCount nodes { name synopsis } } }`,
    {},
    3,
  ],
  'search for names': [
    `{ search(text: "job", limit: 20) { jobs { name synopsis } platforms { name } packages { name } } }`,
    {},
    4,
  ],
  'search for builds': [
    `{ search(text: "job debian-12 2026-10", limit: 20) { builds { uuid job { name } } } }`,
    {},
    7,
  ],
  'search for files and failures': [
    `{ search(text: "shared", limit: 20) { files { path newestBuild { uuid } } failures { line build { uuid } } contents users } }`,
    {},
    3,
  ],
  platform: [
    `{ platform(name: "debian-12") { id name jobs { totalCount nodes { name } }
      builds(first: 2, status: SUCCEEDED) { totalCount nodes { uuid job { name } } } } }`,
    {},
    8,
  ],
  'jobs with builds': [
    `{ jobs(first: 20) { nodes { name readme { html } platforms { name }
      builds(first: 2) { nodes { uuid } }
      newestBuild(status: FAILED) { uuid startedAt } } } }`,
    {},
    7,
  ],
  'jobs and how many builds they have': [
    `{ jobs(first: 20) { nodes { name builds(first: 0, status: FAILED) { totalCount } } } }`,
    {},
    5,
  ],
  'platforms with builds': [
    `{ platforms { totalCount nodes { name builds(first: 2) { totalCount nodes { uuid mainBinary { sha256 } } } } } }`,
    {},
    5,
  ],
  'platforms with some of their builds': [
    `{ platforms { nodes { name builds(first: 2, job: "job-01", verdict: REPRODUCED, status: SUCCEEDED,
      since: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z") { totalCount nodes { uuid } } } } }`,
    {},
    4,
  ],
  'builds by their UUIDs': [
    `query ($uuids: [UUID!]!) { buildsByUuid(uuids: $uuids) { ${row} } }`,
    { uuids: [uuidOf(4), uuidOf(999_999), uuidOf(0)] },
    4,
  ],
  'platforms of jobs by their ids': [
    `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on JobPlatform { platform { name } newestBuild { uuid } newestSuccess { uuid } } } }`,
    { ids: ['JobPlatform:1:1', 'JobPlatform:1:2', 'JobPlatform:2:1', 'JobPlatform:99:1'].map(globalId) },
    4,
  ],
  'jobs by their names': [
    `{ jobsByName(names: ["job-01", "nowhere", "job-00"]) { name standings { newestBuild { uuid } } builds(first: 2) { nodes { uuid } } } }`,
    {},
    5,
  ],
  'main binaries and their builds': [
    `{ builds(first: 20, filter: { status: SUCCEEDED }) { nodes { uuid mainBinary { path resourcePath build { uuid job { name } } } } } }`,
    {},
    5,
  ],
  'builds with artifacts': [
    `{ builds(first: 20) { nodes { uuid artifacts(first: 2) { totalCount nodes { path resourcePath } } artifact(path: "shared") { sizeBytes } } } }`,
    {},
    7,
  ],
}

let small: TestApp
let manyJobs: TestApp
let manyBuilds: TestApp

beforeAll(async () => {
  small = await siteOf(2, 3)
  manyJobs = await siteOf(20, 3)
  manyBuilds = await siteOf(2, 300)
})
afterAll(() => Promise.all([small, manyJobs, manyBuilds].map((app) => app.close())))

async function statementsOf(app: TestApp, query: string, variables: Record<string, unknown>) {
  app.takeQueries()
  const { errors } = await app.graphql(query, variables)
  expect(errors).toBeUndefined()
  return app.takeQueries()
}

/**
 * What is wrong with how a statement reads builds and artifacts: it walks the table, or it sorts
 * more than a page, which is what was looked up by row numbers.
 */
function flawsOf(statement: string, plan: readonly string[]): string[] {
  const isPage = plan.some((step) => /^SEARCH main\.\w+ USING INTEGER PRIMARY KEY/.test(step))
  const isLimited = / LIMIT \?$/.test(statement)
  const walks = (step: string) =>
    /^SCAN (main\.)?(Build|Artifact|[abc])\b/.test(step) && !(isLimited && step.includes('INDEX'))
  // A sort is of the platforms of a job if they are its own loop: since the subquery began that it stands in.
  const sortsPlatforms = (index: number) => {
    const before = plan.slice(0, index)
    const own = before.slice(before.findLastIndex((step) => /QUERY|CO-ROUTINE|UNION/.test(step)) + 1)
    return own.some((step) =>
      /^SCAN j$|^SCAN p USING INDEX sqlite_autoindex_JobPlatform_1$|JobPlatform_1 \(jobId=\?\)$/.test(step),
    )
  }
  const sorts = (step: string, index: number) =>
    /^USE TEMP B-TREE FOR (LAST TERM OF )?ORDER BY$/.test(step)
      ? !isPage && !sortsPlatforms(index)
      : step.includes('TEMP B-TREE') && !isPage
  return /\b(Build|Artifact)\b/.test(statement)
    ? plan.filter((step, index) => walks(step) || sorts(step, index))
    : []
}

/** Builds are read 200 in a turn of the event loop: those of a long history in two statements. */
const moreOfManyBuilds: Record<string, number> = { 'history of a job': 1 }

test.each(Object.entries(operations))(
  '%s: the number of statements, on a site of any size',
  async (name, [query, variables, statements]) => {
    expect(await statementsOf(small, query, variables)).toHaveLength(statements)
    expect(await statementsOf(manyJobs, query, variables)).toHaveLength(statements)
    const more = moreOfManyBuilds[name] ?? 0
    expect(await statementsOf(manyBuilds, query, variables)).toHaveLength(statements + more)
    expect(statements).toBeLessThanOrEqual(budget)
  },
)

test.each(Object.entries(operations))(
  '%s: every statement finds builds and artifacts by an index',
  async (_name, [query, variables]) => {
    for (const statement of await statementsOf(manyBuilds, query, { ...variables })) {
      expect(flawsOf(statement, planOf(manyBuilds, statement)), statement).toEqual([])
    }
  },
)

/**
 * What is signed about a build, and the known issues of what is in it; what is signed about a file, and what the policy says; what is signed
 * about the newest output of a job, and its version. A search looks for each kind of thing. Failed builds also tell which
 * jobs broke together.
 */
const moreOfPages: Record<string, number> = {
  BuildPage: 3,
  FailedBuildsPage: 1,
  HashPage: 1,
  JobCard: 2,
  SchedulePage: 1,
  SearchPage: 9,
  Suggestions: 9,
}

test('the application spends at most eight statements on any of its operations, eleven on that of a build, nine on that of a file, of failed builds and of the schedule, ten on that of an output, seventeen on a search', async () => {
  const file = join(projectDir, 'web/gql/persisted-documents.json')
  const all = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
  // Those of administrators have budgets of their own: test/server/admin.
  const documents = all.filter((document) => !/\b(mutation|subscription) |\badmin\b/.test(document))
  expect(documents.length).toBeGreaterThan(5)
  const variables = {
    ...{ uuid: uuidOf(4), keeps: uuidOf(4), left: uuidOf(4), right: uuidOf(1) },
    ...{ sha256: sha256('shared'), text: 'job', job: 'job-01', filter: {}, first: 50 },
    mostPoints: 120,
    ...{ period: 'CRON', cron: '0 4 * * *', kind: 'BUILD', platform: 'debian-12' },
    ...{ id: 'OSEC-2026-01', prefix: '000000' },
    ...{ ecosystem: 'opam', fixedSince: '2026-01-01T00:00:00Z', withIncidents: true },
  }
  for (const document of documents) {
    const name = document.includes('platform(name') ? 'debian-12' : 'job-01'
    const statements = await statementsOf(manyBuilds, document, { ...variables, name })
    const page = Object.keys(moreOfPages).find((one) => document.includes(`query ${one}`)) ?? ''
    const allowed = budget + (moreOfPages[page] ?? 0)
    expect(statements.length, document).toBeLessThanOrEqual(allowed)
    for (const statement of statements) {
      expect(flawsOf(statement, planOf(manyBuilds, statement)), statement).toEqual([])
    }
  }
})
