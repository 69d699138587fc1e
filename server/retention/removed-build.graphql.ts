import { queryFromInfo } from '@pothos/plugin-prisma'
import { Build, BuildStatus, Verdict } from '../builds/build.graphql.ts'
import { loadBuild } from '../builds/load-builds.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { buildPath } from '../paths.ts'
import { findNewestBuild, findRemovedBuild, type RemovedBuild as Removed } from './removed-build.ts'

type MainBinary = { path: string; sha256: string; sizeBytes: bigint }

const RemovedMainBinary = builder.objectRef<MainBinary>('RemovedMainBinary').implement({
  description: 'The main binary of a build that was removed. The hub may no longer have its content.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Its path in the build.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of its content.' }),
    sizeBytes: t.expose('sizeBytes', { type: 'ByteSize', description: 'Its size.' }),
  }),
})

const RemovedBuild = builder.objectRef<Removed>('RemovedBuild').implement({
  description:
    'A build that the hub had and that was removed: by its rules of retention, or by its operator. If it is uploaded again, it is a `Build` again.',
  fields: (t) => ({
    uuid: t.expose('uuid', { type: 'UUID', description: 'UUID of the build.' }),
    jobName: t.exposeString('job', {
      description: 'Name of the job that it was a run of. The job may be gone, too.',
    }),
    platformName: t.exposeString('platform', { description: 'Name of the platform that it ran on.' }),
    status: t.field({
      type: BuildStatus,
      description: 'Whether it succeeded.',
      resolve: ({ status }) => (status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED'),
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it started.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', description: 'When its script ended.' }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When the hub stored it.' }),
    inputId: t.expose('inputId', {
      type: 'Sha256',
      nullable: true,
      description: 'Its input id, as `Build.inputId`.',
    }),
    mainBinary: t.field({
      type: RemovedMainBinary,
      nullable: true,
      description: 'Its main binary; null if it had none.',
      resolve: ({ mainBinaryPath: path, mainBinarySha256: sha256, mainBinarySizeBytes: sizeBytes }) =>
        path === null || sha256 === null ? null : { path, sha256, sizeBytes: sizeBytes ?? 0n },
    }),
    verdict: t.expose('verdict', {
      type: Verdict,
      description:
        'The verdict on it when it was removed. Builds that had been removed before count as if they were stored.',
    }),
    reproducedCount: t.exposeInt('reproducedCount', {
      description: 'How many other builds with the same main binary the hub has had at once, at least.',
    }),
    removedAt: t.expose('removedAt', { type: 'DateTime', description: 'When it was removed.' }),
    reason: t.exposeString('reason', {
      description: 'Why: the rule of retention or the command, or the words of the operator.',
    }),
    newestBuild: t.field({
      type: Build,
      nullable: true,
      description:
        'The newest build with a main binary of the same job, on the same platform if there is one. It can be older than the removed build. Null if the job has none.',
      resolve: async (removed, _args, context, info) => {
        const newest = await findNewestBuild(context.db, removed)
        return newest && loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), newest.id)
      },
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of its page on this server.',
      resolve: ({ job, uuid }) => buildPath(job, uuid),
    }),
  }),
})

builder.queryFields((t) => ({
  removedBuild: t.field({
    type: RemovedBuild,
    nullable: true,
    description: 'The removed build with this UUID, of which `build` knows nothing any more.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "The build's UUID." }) },
    resolve: (_root, { uuid }, { db }) => findRemovedBuild(db, uuid),
  }),
}))

const Pin = builder.prismaObject('Pin', {
  description: 'The operator has pinned a build: no rule of retention removes it.',
  fields: (t) => ({
    pinnedAt: t.expose('pinnedAt', { type: 'DateTime', description: 'When it was pinned.' }),
    reason: t.exposeString('reason', { description: 'Why; empty if the operator gave no reason.' }),
  }),
})

builder.prismaObjectField(Build, 'pin', (t) =>
  t.relation('pin', {
    type: Pin,
    nullable: true,
    description: 'Null unless the operator has pinned the build, so that it is kept.',
  }),
)
