import { Administration } from '../admin/administration.graphql.ts'
import { administrator } from '../admin/act.ts'
import { resultOf } from '../admin/refusals.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import { batchPrice, maxPageSize } from '../graphql/connection.ts'
import { badInput } from '../graphql/bad-input.ts'
import { Job } from '../jobs/job.graphql.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import {
  findRepository,
  listPackages,
  listRepositories,
  repositoriesOfJob,
  type PublishedPackage,
  type PublishedRepository,
  type RepositoryOfJob,
} from './list-repositories.ts'
import type { Shadowed, Unreadable } from './published-details.ts'
import { NoRepositoriesError, rebuildRepositories } from './rebuild-repositories.ts'
import { readPublishingState, type PublishingState } from './read-publishing-state.ts'
import { setupSteps, type SetupStep } from './setup-steps.ts'

const Step = builder.objectRef<SetupStep>('RepositorySetupStep').implement({
  description: 'A file that somebody writes, or a command that somebody runs, to use a repository.',
  fields: (t) => ({
    title: t.exposeString('title', { description: 'Path of the file, or what the command does.' }),
    text: t.exposeString('text', { description: 'The content of the file, or the command.' }),
  }),
})

const ShadowedPackage = builder.objectRef<Shadowed>('ShadowedPackage').implement({
  description: 'A package that is not published because a newer one has the same name and version.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'Its version.' }),
    architecture: t.exposeString('architecture', { description: 'Its architecture.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Its SHA-256.' }),
    by: t.expose('by', { type: 'Sha256', description: 'SHA-256 of the package in its place.' }),
  }),
})

const UnreadablePackage = builder.objectRef<Unreadable>('UnreadablePackage').implement({
  description: 'A main binary that has the extension of a package, and cannot be read as one.',
  fields: (t) => ({
    jobName: t.exposeString('job', { description: 'A job that made it.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Its SHA-256.' }),
    problem: t.exposeString('problem', { description: 'Why it cannot be read.' }),
  }),
})

const PackageRef = builder.objectRef<PublishedPackage>('PublishedPackage').implement({
  description: 'A package of a repository.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'Its version.' }),
    architecture: t.exposeString('architecture', { description: 'Its architecture, or ABI.' }),
    path: t.exposeString('path', { description: 'Its path in the repository.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Its SHA-256: that of the main binary.' }),
    sizeBytes: t.expose('sizeBytes', { type: 'ByteSize', description: 'Its size.' }),
    publishedAt: t.expose('publishedAt', { type: 'DateTime', description: 'When it was published.' }),
  }),
})

const RepositoryRef = builder
  .objectRef<PublishedRepository & Partial<RepositoryOfJob>>('PackageRepository')
  .implement({
    description: 'A repository of packages that jobs of this site make, for apt or for pkg of FreeBSD.',
    fields: (t) => ({
      name: t.exposeString('name', {
        description: 'Its name, which its addresses begin with, such as `apt/debian-12`.',
      }),
      url: t.string({
        description: 'Its address.',
        resolve: ({ name }, _args, { siteUrl }) => `${siteUrl}/${name}`,
      }),
      suite: t.exposeString('suite', { nullable: true, description: 'Its suite. Null for pkg.' }),
      component: t.exposeString('component', { nullable: true, description: 'Its component. Null for pkg.' }),
      architectures: t.exposeStringList('architectures', {
        description: 'The architectures that it has packages for; of pkg, its ABI.',
      }),
      fingerprints: t.exposeStringList('fingerprints', {
        description:
          'Fingerprints of the keys that sign it, the newest last: of an OpenPGP key, or for pkg the SHA-256 of the public key.',
      }),
      publishedAt: t.expose('publishedAt', { type: 'DateTime', description: 'When it was made last.' }),
      validUntil: t.expose('validUntil', {
        type: 'DateTime',
        nullable: true,
        description: 'Until when clients accept it; it is signed anew before. Null: for ever.',
      }),
      packageCount: t.exposeInt('packageCount', { description: 'Number of its packages.' }),
      setup: t.field({
        type: [Step],
        description:
          'How a machine is told of it; as a repository of a job, the last step installs the packages of the job.',
        resolve: (repository, _args, { siteUrl }) => setupSteps(repository, siteUrl, repository.packageNames),
      }),
      shadowedCount: t.exposeInt('shadowedCount', {
        description: 'Number of packages that a newer one with the same version stands in for.',
      }),
      shadowed: t.expose('shadowed', {
        type: [ShadowedPackage],
        description: 'These packages, at most 100.',
      }),
      unreadableCount: t.exposeInt('unreadableCount', {
        description: 'Number of main binaries that cannot be read as packages.',
      }),
      unreadable: t.expose('unreadable', {
        type: [UnreadablePackage],
        description: 'These main binaries, at most 100.',
      }),
    }),
  })

builder.queryFields((t) => ({
  repositories: t.field({
    type: [RepositoryRef],
    description: 'The package repositories, by name.',
    complexity: { field: batchPrice, multiplier: 4 },
    resolve: (_root, _args, { db }) => listRepositories(db),
  }),
  repositoryPackages: t.field({
    type: [PackageRef],
    nullable: true,
    description: `The packages of a repository, by name and the highest version first; at most ${maxPageSize}. Null if there is no such repository.`,
    args: {
      repository: t.arg.string({ required: true, description: 'Its name, such as `apt/debian-12`.' }),
      limit: t.arg.int({ description: `How many, at most ${maxPageSize}. Default: as many.` }),
      offset: t.arg.int({ description: 'How many are passed over. Default: none.' }),
    },
    complexity: ({ limit }) => ({ field: batchPrice, multiplier: limit ?? maxPageSize }),
    resolve: async (_root, { limit: asked, offset, repository }, { db }) => {
      const limit = asked ?? maxPageSize
      if (limit < 0 || limit > maxPageSize) throw badInput(`limit must be between 0 and ${maxPageSize}`)
      if ((offset ?? 0) < 0) throw badInput('offset must not be negative')
      if (!(await findRepository(db, repository))) return null
      return listPackages(db, repository, { limit, offset: offset ?? 0 })
    },
  }),
}))

builder.prismaObjectField(Job, 'repositories', (t) =>
  t.field({
    type: [RepositoryRef],
    description: 'The package repositories that have a package of this job.',
    complexity: { field: batchPrice, multiplier: 2 },
    resolve: ({ id }, _args, { config, db }) =>
      config.repositoriesFile === '' ? [] : repositoriesOfJob(db, id),
  }),
)

const Publishing = builder.objectRef<PublishingState>('RepositoryPublishing').implement({
  description: 'How package repositories are made.',
  fields: (t) => ({
    file: t.exposeString('file', {
      nullable: true,
      description: 'The file that says which repositories there are. Null: none is named.',
    }),
    fault: t.exposeString('fault', {
      nullable: true,
      description: 'What is wrong with the file, so that nothing is published. Null if nothing is.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why the last run failed. Null if it did not.',
    }),
    lastRunAt: t.expose('lastRunAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the repositories were last looked at. Null: never.',
    }),
    repositories: t.field({
      type: [RepositoryRef],
      description: 'The repositories that are published, by name.',
      resolve: (_state, _args, { db }) => listRepositories(db),
    }),
  }),
})

builder.objectField(Administration, 'repositoryPublishing', (t) =>
  t.field({
    type: Publishing,
    description: 'How package repositories are made.',
    resolve: (_admin, _args, { config, db }) => readPublishingState(config, db),
  }),
)

builder.objectType(NoRepositoriesError, {
  name: 'NoRepositoriesError',
  description: 'There is no file of package repositories, or it has a fault.',
  interfaces: [Refusal],
})

builder.mutationField('rebuildRepositories', (t) =>
  t.boolean({
    nullable: true,
    description: 'Read all packages anew, and publish all package repositories, in the background.',
    errors: {
      types: [NotAuthorizedError, NoRepositoriesError],
      ...resultOf(
        'RebuildRepositories',
        'The repositories are published anew soon.',
        'isQueued',
        'True: they wait to be published.',
      ),
    },
    resolve: async (_root, _args, context) => {
      await rebuildRepositories(context, await administrator(context))
      return true
    },
  }),
)
