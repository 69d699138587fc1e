import { queryFromInfo } from '@pothos/plugin-prisma'
import { Build } from '../builds/build.graphql.ts'
import { loadBuild, loadBuilds } from '../builds/load-builds.graphql.ts'
import { maxMatches } from '../contents/find-content.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { Job } from '../jobs/job.graphql.ts'
import { Platform } from '../platforms/platform.graphql.ts'
import { findBuildsOfTerm, findFailuresOfTerm, type FoundFailure } from './find-builds-of-term.ts'
import {
  findFilesOfTerm,
  findJobsOfTerm,
  findPackagesOfTerm,
  findPlatformsOfTerm,
  findUsersOfTerm,
  type FoundFile,
  type FoundPackage,
} from './find-names.ts'
import { findContentsOfTerm, findPlaceOfTerm } from './find-place.ts'
import { maxTermLength, readTerm, type SearchTerm } from './read-term.ts'

/** `search` counts its items, and so the lists need not. */
const listPrice = { field: batchPrice, multiplier: 1 }

/** Items of each kind, at most and unless told otherwise. */
const [maxItems, defaultItems] = [50, 5]

const FoundPackageType = builder.objectRef<FoundPackage>('FoundPackage').implement({
  description: 'A package that builds contain.',
  fields: (t) => ({
    ecosystem: t.exposeString('ecosystem', {
      description: '`opam`, or a distribution such as `debian-12`.',
    }),
    name: t.exposeString('name', { description: 'Its name.' }),
    versionCount: t.exposeInt('versionCount', { description: 'How many versions of it builds have had.' }),
  }),
})

const FoundFileType = builder.objectRef<FoundFile>('FoundFile').implement({
  description: 'A path of files that a job has made.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'The path in builds.' }),
    job: t.exposeString('job', { description: 'Name of the job.' }),
    buildCount: t.exposeInt('buildCount', { description: 'How many builds have such a file.' }),
    newestBuild: t.field({
      type: Build,
      description: 'The newest of them.',
      resolve: ({ newestBuildId }, _args, context, info) =>
        loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), newestBuildId),
    }),
  }),
})

const FoundFailureType = builder.objectRef<FoundFailure>('FoundFailure').implement({
  description: 'A failed build whose console, or the reason that was found in it, has what was looked for.',
  fields: (t) => ({
    build: t.field({
      type: Build,
      description: 'The newest build with this console.',
      resolve: ({ buildId }, _args, context, info) =>
        loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), buildId),
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Reason in words that complete a sentence after "because". Null: it is not known.',
    }),
    line: t.exposeString('line', { description: 'The line that has most of the words; may be empty.' }),
  }),
})

type Asked = { term: SearchTerm; limit: number }

const SearchResults = builder.objectRef<Asked>('SearchResults').implement({
  description: 'What a search has found. Each list has the best first.',
  fields: (t) => ({
    place: t.field({
      type: 'ResourcePath',
      nullable: true,
      description:
        'The page that the text names: that of a SHA-256 or a line of sha256sum, of the UUID of a build, or of the only content with these first digits. Null: it names none, or several.',
      complexity: listPrice,
      resolve: ({ term }, _args, { db }) => findPlaceOfTerm(db, term),
    }),
    jobs: t.field({
      type: [Job],
      description:
        'Jobs whose name, synopsis or description has words that begin with all words of the text, or whose name contains them; without hidden ones.',
      complexity: listPrice,
      resolve: async ({ term, limit }, _args, context, info) => {
        const ids = await findJobsOfTerm(context.db, term, limit)
        const selection = queryFromInfo({ context, info, typeName: 'Job' })
        const found = await context.db.job.findMany({ ...selection, where: { id: { in: ids } } })
        return found.toSorted((left, right) => ids.indexOf(left.id) - ids.indexOf(right.id))
      },
    }),
    platforms: t.field({
      type: [Platform],
      description: 'Platforms whose name contains all words of the text.',
      complexity: listPrice,
      resolve: ({ term, limit }, _args, { db }) => findPlatformsOfTerm(db, term, limit),
    }),
    packages: t.field({
      type: [FoundPackageType],
      description:
        'Packages that builds contain, whose name has words that begin with all words of the text.',
      complexity: listPrice,
      resolve: ({ term, limit }, _args, { db }) => findPackagesOfTerm(db, term, limit),
    }),
    builds: t.field({
      type: [Build],
      description:
        'Builds whose UUID begins with the text; that started on a day (`2026-11-23`) or in a month (`2026-11`) of the text, of the jobs and on the platforms that its words name; or the newest ones of jobs on platforms, where words name both. The newest first.',
      complexity: listPrice,
      resolve: async ({ term, limit }, _args, context, info) => {
        const ids = await findBuildsOfTerm(context.db, term, limit)
        return loadBuilds(context, queryFromInfo({ context, info, typeName: 'Build' }), ids)
      },
    }),
    files: t.field({
      type: [FoundFileType],
      description: 'Files of builds whose path has words that begin with all words of the text.',
      complexity: listPrice,
      resolve: ({ term, limit }, _args, { db }) => findFilesOfTerm(db, term, limit),
    }),
    failures: t.field({
      type: [FoundFailureType],
      description:
        'Failed builds whose reason, or the lines of whose console that explain it, have words that begin with all words of the text. The newest first.',
      complexity: listPrice,
      resolve: ({ term, limit }, _args, { db }) => findFailuresOfTerm(db, term, limit),
    }),
    contents: t.field({
      type: ['Sha256'],
      description: `Hashes of files of builds that begin with the text, at least 6 digits; at most ${maxMatches + 1}.`,
      complexity: listPrice,
      resolve: ({ term }, _args, { db }) => findContentsOfTerm(db, term),
    }),
    users: t.stringList({
      description: 'Names of users. Empty for those who may not see what only administrators see.',
      complexity: listPrice,
      resolve: async ({ term, limit }, _args, { db, viewer }) =>
        (await viewer())?.rights.has('admin:read') ? findUsersOfTerm(db, term, limit) : [],
    }),
  }),
})

builder.queryFields((t) => ({
  search: t.field({
    type: SearchResults,
    description:
      'Finds jobs, platforms, packages, builds, files, failures and contents, by words, the beginnings of words, hashes, UUIDs and days.',
    args: {
      text: t.arg.string({
        required: true,
        description: `What is looked for; at most ${maxTermLength} characters. Of its words the first 8 count.`,
      }),
      limit: t.arg.int({
        defaultValue: defaultItems,
        description: `How many of each kind, at most ${maxItems}.`,
      }),
    },
    complexity: ({ limit }) => ({ field: 1, multiplier: Math.min(Math.max(limit ?? 1, 1), maxItems) }),
    resolve: (_root, { text, limit }) => {
      const count = limit ?? defaultItems
      if (text.length > maxTermLength)
        throw badInput(`text has ${text.length} characters: at most ${maxTermLength} are allowed`)
      if (count < 1 || count > maxItems)
        throw badInput(`limit must be between 1 and ${maxItems}, not ${count}`)
      return { term: readTerm(text), limit: count }
    },
  }),
}))
