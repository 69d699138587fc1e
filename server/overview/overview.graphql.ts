import { queryFromInfo } from '@pothos/plugin-prisma'
import { Solo5 } from '../analyses/solo5/solo5.graphql.ts'
import { SeverityEnum } from '../advisories/advisory-enums.graphql.ts'
import { Build } from '../builds/build.graphql.ts'
import { loadBuild } from '../builds/load-builds.graphql.ts'
import type { SeverityWord } from '../formats/osv/severity.ts'
import { builder } from '../graphql/builder.ts'
import { artifactPath, comparePath } from '../paths.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import { Grade } from '../policy/grade.graphql.ts'
import { visibleText } from '../visible-text.ts'
import { mostJobs } from './find-places.ts'
import {
  findOverview,
  type IssueInOverview,
  type JobInOverview,
  type JobProblem,
  type Overview,
  type PlatformInOverview,
} from './overview.ts'

/** As much as a large page of jobs: it is read as a whole, and cached. */
const overviewPrice = { field: 5_000, multiplier: 10 }

const Problem = builder.enumType('JobProblem', {
  description: 'What needs attention.',
  values: {
    FAILING: {
      description: 'The newest build on the platform failed, and is not older than `Site.expiredJobsDays`.',
    },
    DISPUTED: { description: 'Builds of the same input as its newest main binary gave another one, too.' },
    AFFECTED: {
      description: 'Its newest main binary has a known issue that the operator has not declared harmless.',
    },
    STALE: { description: 'Nothing of it was built within `Site.expiredJobsDays`.' },
  } satisfies Record<JobProblem, unknown>,
})

const FailingSince = builder.objectRef<PlatformInOverview>('FailingSince').implement({
  description: 'Failed builds of a job on a platform since the last good one.',
  fields: (t) => ({
    failedCount: t.int({
      description: 'How many there are; at most 1,000 are counted.',
      resolve: ({ failedCount }) => Number(failedCount),
    }),
    firstFailedAt: t.expose('firstFailedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of them started.',
    }),
    lastGood: t.field({
      type: 'UUID',
      nullable: true,
      description: 'UUID of the newest build that succeeded. Null: none did.',
      resolve: ({ goodUuid }) => goodUuid,
    }),
    lastGoodAt: t.expose('goodAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When that started.',
    }),
    newestBuild: t.field({
      type: Build,
      description: 'The newest of them.',
      resolve: ({ newestId }, _args, context, info) =>
        loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), newestId),
    }),
  }),
})

const OverviewPlatform = builder.objectRef<PlatformInOverview>('OverviewPlatform').implement({
  description: 'A platform of a job in an overview.',
  fields: (t) => ({
    name: t.exposeString('platform', { description: 'Its name.' }),
    newestBuild: t.expose('newestUuid', { type: 'UUID', description: 'UUID of the newest build.' }),
    newestBuildAt: t.expose('newestAt', { type: 'DateTime', description: 'When that started.' }),
    version: t.exposeString('version', {
      nullable: true,
      description: 'Version of the newest main binary, as `OverviewJob.version`.',
    }),
    sha256: t.expose('mainSha256', {
      type: 'Sha256',
      nullable: true,
      description: 'Hash of the newest main binary. Null if there is none.',
    }),
    grade: t.field({
      type: Grade,
      description: 'How well that is confirmed.',
      resolve: ({ grade }) => grade,
    }),
    problems: t.field({
      type: [Problem],
      description: 'What needs attention on this platform.',
      resolve: ({ problems }) => problems,
    }),
    failing: t.field({
      type: FailingSince,
      nullable: true,
      description: 'How long it has been failing. Null unless it is `FAILING`.',
      resolve: (place) => (place.problems.includes('FAILING') ? place : null),
    }),
    otherOutputPath: t.field({
      type: 'ResourcePath',
      nullable: true,
      description:
        'Page that compares the newest main binary with another one of the same input. Null unless it is `DISPUTED`, and if another builder has only signed that he got another one.',
      resolve: ({ mainUuid, mainAt, otherUuid, otherAt }) => {
        if (mainUuid === null || otherUuid === null) return null
        const isOlder = Number(otherAt) <= Number(mainAt)
        return isOlder ? comparePath(otherUuid, mainUuid) : comparePath(mainUuid, otherUuid)
      },
    }),
  }),
})

const OverviewJob = builder.objectRef<JobInOverview>('OverviewJob').implement({
  description: 'A job as the home page shows it.',
  fields: (t) => ({
    name: t.string({ description: 'Its name.', resolve: ({ place }) => place.job }),
    section: t.string({
      nullable: true,
      description: 'The heading under which it is listed. Null: none.',
      resolve: ({ place }) => place.section,
    }),
    synopsis: t.string({
      nullable: true,
      description: 'What it is, in one line.',
      resolve: ({ place }) => place.synopsis,
    }),
    solo5: t.field({
      type: Solo5,
      nullable: true,
      description: 'Target and devices of its newest main binary, as `Job.solo5`.',
      resolve: ({ solo5 }) => (solo5?.abi || solo5?.manifest ? solo5 : null),
    }),
    version: t.string({
      nullable: true,
      description:
        'Version of its newest main binary: that of the package which is named like the job, in the opam switch of the build. Null if there is none.',
      resolve: ({ newest }) => newest?.version ?? null,
    }),
    sizeBytes: t.field({
      type: 'ByteSize',
      nullable: true,
      description: 'Size of its newest main binary. Null if there is none.',
      resolve: ({ newest }) => (newest ? Number(newest.mainSizeBytes) : null),
    }),
    sizes: t.field({
      type: ['ByteSize'],
      description:
        'Sizes of its newest 12 distinct main binaries on the platform of the newest one, oldest first.',
      resolve: ({ sizes }) => sizes,
    }),
    grade: t.field({
      type: Grade,
      nullable: true,
      description: 'How well its newest main binary is confirmed. Null if there is none.',
      resolve: ({ newest }) => newest?.grade ?? null,
    }),
    sha256: t.field({
      type: 'Sha256',
      nullable: true,
      description: 'Hash of its newest main binary. Null if there is none.',
      resolve: ({ newest }) => newest?.mainSha256 ?? null,
    }),
    downloadPath: t.field({
      type: 'ResourcePath',
      nullable: true,
      description: 'Path of its newest main binary on this server. Null if there is none.',
      resolve: ({ place, newest }) => newest && artifactPath(place.job, newest.mainUuid, newest.mainPath),
    }),
    platforms: t.field({
      type: [OverviewPlatform],
      description: `The platforms that it was built on, by name; at most ${mostPlatforms}.`,
      resolve: ({ platforms }) => platforms,
    }),
    problems: t.field({
      type: [Problem],
      description: 'What needs attention, on whatever platform.',
      resolve: ({ problems }) => problems,
    }),
  }),
})

const OverviewIssue = builder.objectRef<IssueInOverview>('OverviewIssue').implement({
  description: 'An advisory that newest main binaries of jobs have.',
  fields: (t) => ({
    id: t.exposeString('advisoryId', { description: 'Id of the advisory.' }),
    summary: t.string({
      description: 'What it is, in a line.',
      resolve: ({ summary }) => visibleText(summary),
    }),
    severity: t.field({
      type: SeverityEnum,
      nullable: true,
      description: 'How bad it is. Null: it does not say.',
      resolve: ({ severity }) => severity as SeverityWord | null,
    }),
    jobs: t.exposeStringList('jobs', { description: 'Names of the jobs.' }),
  }),
})

const SiteOverview = builder.objectRef<Overview>('SiteOverview').implement({
  description: 'All jobs at a glance, and what needs attention.',
  fields: (t) => ({
    jobs: t.field({
      type: [OverviewJob],
      description: `Jobs that are not hidden, by name; at most ${mostJobs.toLocaleString('en-US')}.`,
      resolve: ({ jobs }) => jobs,
    }),
    issues: t.field({
      type: [OverviewIssue],
      description: 'Advisories that newest main binaries of these jobs have, the worst first.',
      resolve: ({ issues }) => issues,
    }),
  }),
})

builder.queryField('overview', (t) =>
  t.field({
    type: SiteOverview,
    nullable: true,
    description: 'All jobs at a glance, and what needs attention: what the home page shows.',
    complexity: overviewPrice,
    resolve: (_root, _args, context) => findOverview(context),
  }),
)
