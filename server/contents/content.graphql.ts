import { queryFromInfo } from '@pothos/plugin-prisma'
import { listOfContent, maxEnvelopes } from '../attestations/list-attestations.ts'
import { Attestation } from '../attestations/attestations.graphql.ts'
import { loadOutput } from '../builds/load-reproducibility.graphql.ts'
import { verdictOf } from '../builds/verdict.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { gradeOf } from '../policy/grade.ts'
import { Grade } from '../policy/grade.graphql.ts'
import { findTrust, Trust } from '../policy/trust.graphql.ts'
import {
  findContent,
  findContentsByPrefix,
  maxFiles,
  maxMatches,
  type ContentSource,
  type ContentPlace,
  type FoundContent,
  type NewerOutput,
} from './find-content.ts'

const Source = builder.objectRef<ContentSource>('ContentSource').implement({
  description: 'Builds by one user of one job on one platform from one input, all with the same content.',
  fields: (t) => ({
    builder: t.exposeString('builder', {
      nullable: true,
      description: 'Name of the user who uploaded them. Null: not known.',
    }),
    job: t.exposeString('job', { description: 'Name of the job.' }),
    platform: t.exposeString('platform', { description: 'Name of the platform.' }),
    inputId: t.expose('inputId', {
      type: 'Sha256',
      nullable: true,
      description: 'Their input id. Null: they lack inputs.',
    }),
    buildCount: t.exposeInt('buildCount', { description: 'Number of the builds.' }),
    newestBuild: t.expose('newestBuild', { type: 'UUID', description: 'UUID of the newest of them.' }),
    firstStartedAt: t.expose('firstStartedAt', {
      type: 'DateTime',
      description: 'When the first of them started.',
    }),
    newestStartedAt: t.expose('newestStartedAt', {
      type: 'DateTime',
      description: 'When the newest of them started.',
    }),
  }),
})

const Newer = builder.objectRef<NewerOutput>('NewerOutput').implement({
  description: 'The newest main binary of a job on a platform.',
  fields: (t) => ({
    job: t.exposeString('job', { description: 'Name of the job.' }),
    platform: t.exposeString('platform', { description: 'Name of the platform.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of the main binary.' }),
    build: t.expose('build', { type: 'UUID', description: 'UUID of the build that gave it.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When that build started.' }),
  }),
})

const Place = builder.objectRef<ContentPlace & { sha256: string }>('ContentPlace').implement({
  description: 'A job on a platform whose main binary a content is, or was.',
  fields: (t) => ({
    job: t.exposeString('job', { description: 'Name of the job.' }),
    platform: t.exposeString('platform', { description: 'Name of the platform.' }),
    trust: t.field({
      type: Trust,
      nullable: true,
      description:
        'What the policy of the site says of it there. Null: the site has no policy, or it is not found yet.',
      complexity: batchPrice,
      resolve: (place, _args, context) => findTrust(context, place),
    }),
  }),
})

const Content = builder.objectRef<FoundContent>('Content').implement({
  description: 'What this site knows about a content, by its SHA-256.',
  fields: (t) => ({
    sha256: t.expose('sha256', { type: 'Sha256', description: 'The hash.' }),
    sizeBytes: t.expose('sizeBytes', { type: 'ByteSize', description: 'Its length.' }),
    names: t.exposeStringList('names', {
      description: 'Paths of the file in builds, the most frequent first; at most 20.',
    }),
    isCut: t.exposeBoolean('isCut', {
      description: `More builds have it than were looked at: the newest ${maxFiles} files.`,
    }),
    firstReceivedAt: t.expose('firstReceivedAt', {
      type: 'DateTime',
      description: 'When this site received the first of these builds.',
    }),
    grade: t.field({
      type: Grade,
      nullable: true,
      description: 'How well it is confirmed. Null: it is the main binary of no build.',
      resolve: async ({ places, sha256 }, _args, context) => {
        if (places.length === 0) return null
        const output = await loadOutput(context, sha256)
        return gradeOf(verdictOf(output), output)
      },
    }),
    sources: t.field({
      type: [Source],
      description: 'Who built it, where, and from which inputs; at most 100.',
      resolve: ({ sources }) => sources,
    }),
    places: t.field({
      type: [Place],
      description: 'Where it is, or was, the main binary.',
      resolve: ({ places, sha256 }) => places.map((place) => ({ ...place, sha256 })),
    }),
    newer: t.field({
      type: [Newer],
      description: 'The newest main binaries of the jobs and platforms whose main binary it was once.',
      resolve: ({ newer }) => newer,
    }),
    attestations: t.field({
      type: [Attestation],
      description: `What the site and others have signed about it, the newest first; at most ${maxEnvelopes}.`,
      complexity: batchPrice,
      resolve: async ({ sha256 }, _args, context, info) => {
        const found = await listOfContent(context.db, sha256)
        const uuids = found.map(({ uuid }) => uuid)
        const rows = await context.db.attestation.findMany({
          ...queryFromInfo({ context, info, typeName: 'Attestation' }),
          where: { uuid: { in: uuids } },
        })
        return rows.toSorted((left, right) => uuids.indexOf(left.uuid) - uuids.indexOf(right.uuid))
      },
    }),
  }),
})

builder.queryFields((t) => ({
  content: t.field({
    type: Content,
    nullable: true,
    description: 'What is known about a content. Null: no build of the site has it.',
    args: { sha256: t.arg({ type: 'Sha256', required: true, description: 'Its hash.' }) },
    complexity: { field: batchPrice, multiplier: 4 },
    resolve: (_root, { sha256 }, { db }) => findContent(db, sha256),
  }),
  contents: t.field({
    type: ['Sha256'],
    description: `Hashes of files of builds that begin with some digits, in their order; at most ${maxMatches + 1}.`,
    args: {
      prefix: t.arg.string({ required: true, description: 'At least 6 hexadecimal digits.' }),
    },
    complexity: batchPrice,
    resolve: (_root, { prefix }, { db }) => {
      if (!/^[0-9a-f]{6,64}$/i.test(prefix)) throw badInput('prefix must be 6 to 64 hexadecimal digits')
      return findContentsByPrefix(db, prefix.toLowerCase())
    },
  }),
}))
