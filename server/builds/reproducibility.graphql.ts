import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { batchByField } from '../graphql/batch.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import type { BuildId } from '../ids.ts'
import { Platform } from '../platforms/platform.graphql.ts'
import { byNewest } from '../start-cursor.ts'
import { Build, BuildConnection, buildOrder, selectBuildNodes } from './build.graphql.ts'
import { findDifferentOutputId, findLatestId, findSuccessId, type PlacedBuild } from './related-builds.ts'
import {
  countReproductions,
  findOtherOutputs,
  findPlatformsOfOutput,
  findReproducibility,
  findReproductionIds,
  findUploadersOfOutput,
  type ComparedBuild,
  type Reproducibility as Facts,
} from './reproducibility.ts'

const Verdict = builder.enumType('Verdict', {
  description: 'What all builds together say of one.',
  values: {
    REPRODUCED: {
      description: 'Other builds gave the same main binary, and none another one from the same input.',
    },
    NOT_REPRODUCIBLE: { description: 'Other builds gave another main binary from the same input.' },
    UNCONFIRMED: { description: 'Nobody repeated it yet.' },
    NO_OUTPUT: { description: 'It has no main binary that could be compared.' },
  },
})

const ReproductionInput = builder.enumType('ReproductionInput', {
  description: 'Which reproductions to list.',
  values: {
    ANY: { description: 'All of them.' },
    SAME: { description: 'Those from the same input.' },
    OTHER: { description: 'Those from another, or an unknown, input.' },
  },
})

const maxOtherOutputs = 20

const Reproducibility = builder.objectRef<Facts & { build: ComparedBuild }>('Reproducibility').implement({
  description: 'Whether a build was repeated, by whom, and with what outcome.',
  fields: (t) => ({
    verdict: t.expose('verdict', { type: Verdict, description: 'The short answer.' }),
    buildCount: t.exposeInt('buildCount', {
      description: 'How many builds gave this main binary, this one included; 0 when there is none.',
    }),
    inputCount: t.exposeInt('inputCount', { description: 'From how many distinct inputs they did.' }),
    platforms: t.field({
      type: [Platform],
      description: 'On which platforms they ran, by name.',
      complexity: { field: 1, multiplier: 4 },
      resolve: async ({ build }, _args, context, info) => {
        if (build.mainBinarySha256 === null) return []
        const ids = await findPlatformsOfOutput(context.db, build.mainBinarySha256)
        const query = queryFromInfo({ context, info, typeName: 'Platform' })
        return context.db.platform.findMany({
          ...query,
          where: { id: { in: ids } },
          orderBy: { name: 'asc' },
        })
      },
    }),
    uploaders: t.stringList({
      description: 'Names of the users who uploaded them, sorted.',
      resolve: async ({ build }, _args, { db }) => {
        if (build.mainBinarySha256 === null) return []
        const ids = await findUploadersOfOutput(db, build.mainBinarySha256)
        const users = await db.user.findMany({ where: { id: { in: ids } }, orderBy: { name: 'asc' } })
        return users.map(({ name }) => name)
      },
    }),
    reproductions: t.connection(
      {
        type: Build,
        description: 'The other builds with the same main binary, newest first.',
        args: {
          input: t.arg({ type: ReproductionInput, defaultValue: 'ANY', description: 'From which inputs.' }),
        },
        complexity: pageCost,
        resolve: async ({ build }, args, context, info) => {
          const page = parsePage(args, buildOrder)
          const input = args.input ?? 'ANY'
          const found = await loadBuilds(
            context,
            info,
            await findReproductionIds(context.db, build, input, page),
          )
          const totalCount = () => countReproductions(context.db, build, input)
          return { ...toConnection(found.toSorted(byNewest), page, buildOrder), totalCount }
        },
      },
      BuildConnection,
    ),
    otherOutputs: t.field({
      type: [Build],
      description: `For each other main binary from the same input the newest build, newest first; at most ${maxOtherOutputs}.`,
      complexity: { field: 1, multiplier: maxOtherOutputs },
      resolve: async ({ build, verdict }, _args, context, info) => {
        if (verdict !== 'NOT_REPRODUCIBLE') return []
        const { ids } = await findOtherOutputs(context.db, build, maxOtherOutputs)
        const query = queryFromInfo({ context, info, typeName: 'Build' })
        const builds = await context.db.build.findMany({ ...query, where: { id: { in: ids } } })
        return builds.toSorted(byNewest)
      },
    }),
    otherOutputCount: t.int({
      description: 'How many other main binaries the same input gave.',
      resolve: async ({ build, verdict }, _args, { db }) =>
        verdict === 'NOT_REPRODUCIBLE' ? (await findOtherOutputs(db, build, 0)).count : 0,
    }),
  }),
})

function loadBuilds(context: Context, info: GraphQLResolveInfo, ids: readonly BuildId[]) {
  return context.db.build.findMany({ ...selectBuildNodes(context, info), where: { id: { in: [...ids] } } })
}

/** A field that leads from a build to one other. */
async function loadRelated(
  build: PlacedBuild,
  context: Context,
  info: GraphQLResolveInfo,
  find: (build: PlacedBuild) => Promise<BuildId | null>,
) {
  const id = await find(build)
  if (id === null) return null
  return context.db.build.findUniqueOrThrow({
    ...queryFromInfo({ context, info, typeName: 'Build' }),
    where: { id },
  })
}

builder.prismaObjectFields(Build, (t) => ({
  reproducibility: t.field({
    type: Reproducibility,
    description: 'Whether it was repeated, by whom, and with what outcome.',
    resolve: async (build, _args, context, info) => {
      const facts = await batchByField(context, info, null, build.id, (ids) =>
        findReproducibility(context.db, ids),
      )
      if (!facts) throw new Error(`build ${build.uuid} got no verdict`)
      return { ...facts, build }
    },
  }),
  latest: t.field({
    type: Build,
    nullable: true,
    description: 'The newest build with a main binary of the same job on the same platform; may be this one.',
    resolve: (build, _args, context, info) =>
      loadRelated(build, context, info, (one) => findLatestId(context.db, one)),
  }),
  nextDifferentOutput: t.field({
    type: Build,
    nullable: true,
    description: 'The next later build of the same job on the same platform with another main binary.',
    resolve: (build, _args, context, info) =>
      loadRelated(build, context, info, (one) => findDifferentOutputId(context.db, one, 'next')),
  }),
  previousDifferentOutput: t.field({
    type: Build,
    nullable: true,
    description: 'The next earlier build of the same job on the same platform with another main binary.',
    resolve: (build, _args, context, info) =>
      loadRelated(build, context, info, (one) => findDifferentOutputId(context.db, one, 'previous')),
  }),
  previousSuccess: t.field({
    type: Build,
    nullable: true,
    description: 'The last build before it, of the same job on the same platform, that succeeded.',
    resolve: (build, _args, context, info) =>
      loadRelated(build, context, info, (one) => findSuccessId(context.db, one, 'previous')),
  }),
  nextSuccess: t.field({
    type: Build,
    nullable: true,
    description: 'The first build after it, of the same job on the same platform, that succeeded.',
    resolve: (build, _args, context, info) =>
      loadRelated(build, context, info, (one) => findSuccessId(context.db, one, 'next')),
  }),
}))
