import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import type { SeverityWord } from '../formats/osv/severity.ts'
import { visibleText } from '../visible-text.ts'
import { readContent } from './advisory-content.ts'
import { SeverityEnum } from './advisory-enums.graphql.ts'
import { describeRanges } from './describe-ranges.ts'
import { findAffectedNewest, type AffectedBuild } from './find-affected.ts'
import {
  findAdvisory,
  findPlaces,
  listAdvisories,
  type AffectedPlace,
  type ListedAdvisory,
} from './list-advisories.ts'

const detailsLimits = { timeoutMs: 3_000 }

const AffectedBuildType = builder.objectRef<AffectedBuild>('AffectedBuild').implement({
  description: 'The newest build with an output of a job on a platform, which has an issue.',
  fields: (t) => ({
    job: t.exposeString('job', { description: 'Name of its job.' }),
    platform: t.exposeString('platform', { description: 'Name of its platform.' }),
    uuid: t.expose('uuid', { type: 'UUID', description: 'Its UUID.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it started.' }),
  }),
})

const AffectedPlaceType = builder.objectRef<AffectedPlace>('AffectedPlace').implement({
  description: 'A job on a platform that has, or had, an issue.',
  fields: (t) => ({
    job: t.exposeString('job', { description: 'Name of the job.' }),
    platform: t.exposeString('platform', { description: 'Name of the platform.' }),
    buildCount: t.exposeInt('buildCount', { description: 'Number of its builds with the issue.' }),
    lastBuild: t.expose('lastUuid', { type: 'UUID', description: 'The newest of them.' }),
    lastBuildAt: t.expose('lastStartedAt', { type: 'DateTime', description: 'When it started.' }),
    fixedBuild: t.expose('fixedUuid', {
      type: 'UUID',
      nullable: true,
      description:
        'The first build after it that succeeded: it has not got the issue. Null: there is none yet.',
    }),
    fixedBuildAt: t.expose('fixedStartedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When that started.',
    }),
  }),
})

const AdvisoryPackageType = builder
  .objectRef<{ name: string; versions: string }>('AdvisoryPackage')
  .implement({
    description: 'A package that an advisory is about.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Its name in opam.' }),
      versions: t.exposeString('versions', {
        description: 'Which versions have the issue, in words: `before 4.14.4, and from 5 before 5.5.0`.',
      }),
    }),
  })

const Reference = builder.objectRef<{ type: string; url: string }>('AdvisoryReference').implement({
  description: 'A page about an issue.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'What it is, as OSV names it, such as `FIX`.' }),
    url: t.expose('url', { type: 'URL', description: 'Its address, of whatever site.' }),
  }),
})

type Whole = ListedAdvisory & { content: string }

const Advisory = builder.objectRef<ListedAdvisory>('Advisory').implement({
  description: 'A known issue of packages, as a feed of advisories tells it.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Its id, such as `OSEC-2026-05`.' }),
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
    score: t.exposeFloat('score', { nullable: true, description: 'The score of CVSS, from 0 to 10.' }),
    publishedAt: t.expose('publishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was published first.',
    }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime', description: 'When it was changed last.' }),
    withdrawnAt: t.expose('withdrawnAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its authors took it back. Null: it holds.',
    }),
    isListed: t.exposeBoolean('isListed', {
      description: 'Whether its feed still had it at the last import.',
    }),
    packageNames: t.stringList({
      description: 'Names of the packages that it is about.',
      resolve: ({ packages }) => packages.map(({ name }) => name),
    }),
    affectedBuilds: t.field({
      type: [AffectedBuildType],
      description:
        'Newest builds of jobs that have the issue, without those that the operator has declared harmless.',
      complexity: { field: batchPrice, multiplier: 2 },
      resolve: ({ affected }) => affected,
    }),
  }),
})

const AdvisoryDetails = builder.objectRef<Whole>('AdvisoryDetails').implement({
  description: 'An advisory with all that it says.',
  fields: (t) => ({
    advisory: t.field({ type: Advisory, description: 'The advisory.', resolve: (whole) => whole }),
    aliases: t.stringList({
      description: 'Its ids in other databases, such as `CVE-2026-41083`.',
      resolve: ({ content }) => readContent(content).aliases,
    }),
    packages: t.field({
      type: [AdvisoryPackageType],
      description: 'The packages, and which of their versions have the issue.',
      resolve: ({ content }) =>
        readContent(content).affected.map((one) => ({ name: one.name, versions: describeRanges(one) })),
    }),
    bindings: t.stringList({
      description: 'Functions with the issue, as paths of OCaml. Empty: it names none.',
      resolve: ({ content }) => readContent(content).affected.flatMap(({ bindings }) => bindings),
    }),
    references: t.field({
      type: [Reference],
      description: 'Pages about it.',
      resolve: ({ content }) => readContent(content).references,
    }),
    credits: t.stringList({
      description: 'Who found it.',
      resolve: ({ content }) => readContent(content).credits.map(visibleText),
    }),
    details: t.string({
      description: 'What it says, as Markdown.',
      resolve: ({ content }) => readContent(content).details,
    }),
    html: t.string({
      nullable: true,
      description: 'What it says, as HTML that is safe to embed. Null: it could not be made in time.',
      complexity: 100,
      resolve: ({ content }, _args, context) => renderDetails(context, readContent(content).details),
    }),
    places: t.field({
      type: [AffectedPlaceType],
      description: 'Jobs that have, or had, the issue, with the first build without it; at most 1,000.',
      complexity: 100,
      resolve: ({ id }, _args, { db }) => findPlaces(db, id),
    }),
  }),
})

async function renderDetails({ readmeWorkers }: Context, details: string): Promise<string | null> {
  try {
    return await readmeWorkers.run('renderMarkdown', Buffer.from(details), detailsLimits)
  } catch {
    return null
  }
}

const IssueSummary = builder.objectRef<AffectedBuild[]>('IssueSummary').implement({
  description: 'Known issues of the newest builds of jobs, in numbers.',
  fields: (t) => ({
    jobCount: t.int({
      description: 'Number of jobs whose newest build has one, on some platform.',
      resolve: (affected) => new Set(affected.map(({ job }) => job)).size,
    }),
    advisoryCount: t.int({
      description: 'Number of advisories that these are of.',
      resolve: (affected) => new Set(affected.map(({ advisoryId }) => advisoryId)).size,
    }),
  }),
})

builder.queryFields((t) => ({
  issueSummary: t.field({
    type: IssueSummary,
    description: 'How many jobs have known issues now.',
    complexity: 50,
    resolve: (_root, _args, { db }) => findAffectedNewest(db),
  }),
  advisories: t.field({
    type: [Advisory],
    description:
      'Known issues of packages: those that newest builds have first, then the newest ones; at most 2,000.',
    complexity: 200,
    resolve: (_root, _args, { db }) => listAdvisories(db),
  }),
  advisory: t.field({
    type: AdvisoryDetails,
    nullable: true,
    description: 'An advisory by its id. Null: the site has none with this id.',
    args: { id: t.arg.string({ required: true, description: 'Its id, such as `OSEC-2026-05`.' }) },
    complexity: 50,
    resolve: (_root, { id }, { db }) => findAdvisory(db, id),
  }),
}))
