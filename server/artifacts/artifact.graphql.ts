import { queryFromInfo } from '@pothos/plugin-prisma'
import { Build } from '../builds/build.graphql.ts'
import { batchByField } from '../graphql/batch.ts'
import { compareBytes } from '../compare-bytes.ts'
import { passTurn } from '../graphql/bounded-answers.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import { groupBy } from '../group-by.ts'
import type { ArtifactId, BuildId } from '../ids.ts'
import { artifactPath } from '../paths.ts'
import { inSlices, rowsPerTurn } from '../slices.ts'
import { byNewest, formatStartCursor, parseStartCursor, type StartCursor } from '../start-cursor.ts'
import { findArtifactIdsByHash, findArtifactIdsOf } from './list-artifacts.ts'
import { mediaTypeOf } from './media-type.ts'
import { loadDamage } from '../verify/load-damage.ts'

export const Artifact = builder.prismaNode('Artifact', {
  description: 'A file that a build produced. Content never changes.',
  id: { resolve: ({ id }) => String(id), description: 'Global id, for `node`.' },
  // Rows are numbered from 1: what is no number of a row finds none.
  findUnique: (id) => ({ id: (/^[1-9]\d{0,8}$/.test(id) ? Number(id) : 0) as ArtifactId }),
  nullable: true,
  fields: (t) => ({
    path: t.exposeString('path', {
      description: 'Where the build put it, like `bin/hello.hvt`: relative, without `..`.',
    }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of its content.' }),
    sizeBytes: t.expose('sizeBytes', { type: 'ByteSize', description: 'Length of its content.' }),
    mediaType: t.string({
      description: 'Media type by its name (RFC 6838), like `text/plain`.',
      resolve: ({ path }) => mediaTypeOf(path),
    }),
    url: t.field({
      type: 'URL',
      description: 'Where to download it.',
      select: { build: { select: { uuid: true, job: { select: { name: true } } } } },
      resolve: ({ path, build }, _args, { siteUrl }) =>
        siteUrl + artifactPath(build.job.name, build.uuid, path),
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      select: { build: { select: { uuid: true, job: { select: { name: true } } } } },
      resolve: ({ path, build }) => artifactPath(build.job.name, build.uuid, path),
    }),
    isDamaged: t.boolean({
      description:
        'Whether the server has found its content missing or damaged. Then it cannot be downloaded.',
      select: { sha256: true },
      resolve: ({ sha256 }, _args, context) => loadDamage(context, sha256),
    }),
    build: t.relation('build', { description: 'What produced it.' }),
  }),
})

const ArtifactConnection = builder.connectionObject(
  { type: Artifact, name: 'ArtifactConnection', description: 'A page of artifacts.' },
  { name: 'ArtifactEdge', description: 'An artifact in a list.' },
)

/** Of the newest build first. */
const contentOrder: ListOrder<StartCursor, StartCursor> = {
  name: 'content',
  keyOf: formatStartCursor,
  parseKey: parseStartCursor,
}

const pathOrder: ListOrder<{ path: string }, string> = {
  name: 'path',
  keyOf: ({ path }) => path,
  parseKey: (text) => text,
}

const nodePaths = [['edges', 'node'], ['nodes']]

builder.queryFields((t) => ({
  artifacts: t.connection(
    {
      type: Artifact,
      nullable: true,
      description: 'Artifacts with this content; those of the newest build come first.',
      args: { sha256: t.arg({ type: 'Sha256', required: true, description: 'Hash of the content.' }) },
      complexity: pageCost,
      resolve: async (_root, { sha256, ...args }, context, info) => {
        const page = parsePage(args, contentOrder)
        const ids = await findArtifactIdsByHash(context.db, sha256, page)
        const query = queryFromInfo({ context, info, typeName: 'Artifact', paths: nodePaths })
        const found = await context.db.artifact.findMany({ ...query, where: { id: { in: ids } } })
        const totalCount = () => context.db.artifact.count({ where: { sha256 } })
        return { ...toConnection(found.toSorted(byNewest), page, contentOrder), totalCount }
      },
    },
    ArtifactConnection,
  ),
}))

type MainBinaryColumns = {
  id: BuildId
  startedAt: Date
  mainBinaryId: ArtifactId | null
  mainBinaryPath: string | null
  mainBinarySha256: string | null
  mainBinarySizeBytes: bigint | null
}

/** The main binary as the artifact that it is, from its build's row: lists of builds show it on each row. */
function mainBinaryOf(build: MainBinaryColumns) {
  const { mainBinaryId: id, mainBinaryPath: path } = build
  const { mainBinarySha256: sha256, mainBinarySizeBytes: sizeBytes } = build
  if (id === null || path === null || sha256 === null || sizeBytes === null) return null
  return { id, buildId: build.id, path, sha256, sizeBytes, startedAt: build.startedAt }
}

builder.prismaObjectFields(Build, (t) => ({
  mainBinary: t.field({
    type: Artifact,
    nullable: true,
    description: 'The only artifact under `bin/`; null when there is none, or more than one.',
    resolve: mainBinaryOf,
  }),
  artifacts: t.connection(
    {
      type: Artifact,
      description: 'Files that the build produced, ordered by path.',
      select: { artifactCount: true },
      complexity: pageCost,
      resolve: async (build, args, context, info) => {
        const page = parsePage(args, pathOrder)
        const selection = queryFromInfo({ context, info, typeName: 'Artifact', paths: nodePaths })
        const connection = await batchByField(context, info, args, build.id, async (buildIds) => {
          const ids = await findArtifactIdsOf(context.db, buildIds, page)
          const artifacts = await inSlices(
            ids,
            rowsPerTurn,
            (slice) => context.db.artifact.findMany({ ...selection, where: { id: { in: slice } } }),
            () => passTurn(context),
          )
          const ofBuilds = groupBy(artifacts, ({ buildId }) => buildId)
          return new Map(
            buildIds.map((id) => [
              id,
              toConnection(
                (ofBuilds.get(id) ?? []).toSorted((a, b) => compareBytes(a.path, b.path)),
                page,
                pathOrder,
              ),
            ]),
          )
        })
        if (!connection) throw new Error(`build ${build.uuid} got no list of artifacts`)
        return { ...connection, totalCount: () => build.artifactCount }
      },
    },
    ArtifactConnection,
  ),
  artifact: t.field({
    type: Artifact,
    nullable: true,
    description: 'The artifact at this path; null when there is none.',
    args: { path: t.arg.string({ required: true, description: 'Its path, exactly, like `bin/hello.hvt`.' }) },
    resolve: async (build, args, context, info) => {
      const selection = queryFromInfo({ context, info, typeName: 'Artifact' })
      const found = await batchByField(context, info, args, build.id, async (buildIds) => {
        const artifacts = await inSlices(
          buildIds,
          rowsPerTurn,
          (ids) =>
            context.db.artifact.findMany({ ...selection, where: { buildId: { in: ids }, path: args.path } }),
          () => passTurn(context),
        )
        return new Map(artifacts.map((artifact) => [artifact.buildId, artifact]))
      })
      return found ?? null
    },
  }),
}))
