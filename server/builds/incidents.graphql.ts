import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import type { BuildId } from '../ids.ts'
import { Build } from './build.graphql.ts'
import { findFixedIncidents, findOpenIncidents, maxIncidents, type Incident } from './find-incidents.ts'
import { loadBuild } from './load-builds.graphql.ts'

async function load(id: BuildId, context: Context, info: GraphQLResolveInfo) {
  return loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), id)
}

export const IncidentType = builder.objectRef<Incident>('Incident').implement({
  description: 'Builds of a job on a platform that failed one after the other.',
  fields: (t) => ({
    job: t.exposeString('job', { description: 'Name of the job.' }),
    platform: t.exposeString('platform', { description: 'Name of the platform.' }),
    buildCount: t.exposeInt('buildCount', { description: 'Number of builds that failed in a row.' }),
    firstBuild: t.field({
      type: Build,
      description: 'The first of them.',
      complexity: batchPrice,
      resolve: ({ firstBadId }, _args, context, info) => load(firstBadId, context, info),
    }),
    lastBuild: t.field({
      type: Build,
      description: 'The last of them.',
      complexity: batchPrice,
      resolve: ({ lastBadId }, _args, context, info) => load(lastBadId, context, info),
    }),
    lastGood: t.field({
      type: Build,
      nullable: true,
      description: 'The success before them. Null: no build succeeded before.',
      complexity: batchPrice,
      resolve: ({ lastGoodId }, _args, context, info) =>
        lastGoodId === null ? null : load(lastGoodId, context, info),
    }),
    fixedBy: t.field({
      type: Build,
      nullable: true,
      description: 'The success after them. Null: the job still fails on the platform.',
      complexity: batchPrice,
      resolve: ({ fixedById }, _args, context, info) =>
        fixedById === null ? null : load(fixedById, context, info),
    }),
  }),
})

const platform = { description: 'Only incidents on the platform with this name.' }

builder.queryFields((t) => ({
  incidents: t.field({
    type: [IncidentType],
    description: `Jobs that fail now, by platform: those whose newest build failed, the last failure first; at most ${maxIncidents}. Hidden jobs are left out.`,
    args: { platform: t.arg.string(platform) },
    complexity: { field: batchPrice, multiplier: 20 },
    resolve: (_root, args, { db }) => findOpenIncidents(db, args.platform ?? null),
  }),
  fixedIncidents: t.field({
    type: [IncidentType],
    description: `Incidents that a success has ended, the last failure first; at most ${maxIncidents}. Hidden jobs are left out.`,
    args: {
      platform: t.arg.string(platform),
      since: t.arg({
        type: 'DateTime',
        required: true,
        description: 'Only incidents whose last failure started at this time or later.',
      }),
    },
    complexity: { field: batchPrice, multiplier: 20 },
    resolve: (_root, args, { db }) => findFixedIncidents(db, args.platform ?? null, args.since),
  }),
}))
