import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import ErrorsPlugin from '@pothos/plugin-errors'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import { isInterfaceType, type GraphQLResolveInfo } from 'graphql'
import type { Deps } from '../deps.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type PrismaTypes from '../generated/pothos.ts'
import { getDatamodel } from '../generated/pothos.ts'
import type { Browser } from '../sessions/browser.ts'
import type { Viewing } from '../users/viewer.ts'
import authorization from './authorization-plugin.ts'
import { badInput } from './bad-input.ts'
import { checkLookUps, defaultPageSize, lookUpCost, maxPageSize } from './connection.ts'
import { limits } from './limits.ts'

/** Context of every resolver: the parts of the server, and the client of the request. */
export type Context = Omit<Deps, 'authenticate'> &
  Viewing & {
    /** The client's address. */
    address: string
    browser: Browser
    /** The id of the request in the log. */
    requestId: string
    /** Where the client reaches this site, without a slash at the end: see `siteUrl`. */
    siteUrl: string
  }

/** A file of a multipart request: its bytes as they arrive. */
export type UploadedFile = { chunks: AsyncIterable<Uint8Array> }

type Scalars = {
  ID: { Input: string; Output: string | number | bigint }
  DateTime: { Input: Date; Output: Date }
  UUID: { Input: string; Output: string }
  Sha256: { Input: string; Output: string }
  ByteSize: { Input: number; Output: number | bigint }
  BigInt: { Input: bigint; Output: bigint }
  ByteDelta: { Input: number; Output: number }
  URL: { Input: string; Output: string }
  ResourcePath: { Input: string; Output: string }
  File: { Input: UploadedFile; Output: never }
}

const pageSizes = `${defaultPageSize} without \`first\` and \`last\`, at most ${maxPageSize}`

/** Prices of objects that `node` and `nodes` do not just read, by type. All others cost 1. */
export const nodePrices = { BuildDiff: 4_000 } as const

function nodePrice({ typename }: { typename: string }): number {
  return typename === 'BuildDiff' ? nodePrices.BuildDiff : 1
}

export const builder = new SchemaBuilder<{
  Context: Context
  PrismaTypes: PrismaTypes
  Scalars: Scalars
  Connection: { totalCount: () => number | Promise<number> }
  DefaultFieldNullability: false
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
}>({
  plugins: [ErrorsPlugin, authorization, ComplexityPlugin, PrismaPlugin, RelayPlugin],
  defaultFieldNullability: false,
  // Pothos only reads, but asks for a whole client.
  prisma: { client: (context) => context.db as PrismaClient, dmmf: getDatamodel() },
  relay: {
    nodesOnConnection: { description: 'The items of this page, without their cursors.' },
    cursorType: 'String',
    encodeGlobalID: (typename, id) => Buffer.from(`${typename}:${id}`).toString('base64'),
    decodeGlobalID,
    idFieldOptions: { description: 'Global id, for `node`.' },
    nodeTypeOptions: { description: 'Anything with a global id.' },
    nodeQueryOptions: {
      description: 'The object with this global id; null when there is none.',
      args: { id: { description: 'Value of an `id` field.' } },
      complexity: ({ id }) => nodePrice(id),
      resolve: (_root, { id }, _context, info, resolveNode) => {
        checkIsNode(info, id)
        return resolveNode(id)
      },
    },
    nodesQueryOptions: {
      nullable: { list: true, items: true },
      description:
        'The objects with these global ids, in the order of the ids. Null for each id without an object.',
      args: { ids: { description: `Values of \`id\` fields; at most ${maxPageSize}.` } },
      complexity: ({ ids }) => ({
        ...lookUpCost(ids),
        field: Math.max(
          ids.reduce((sum: number, id) => sum + nodePrice(id), 0),
          1,
        ),
      }),
      resolve: (_root, { ids }, _context, info, resolveNodes) => {
        checkLookUps('ids', ids)
        for (const id of ids) checkIsNode(info, id)
        return resolveNodes(ids)
      },
    },
    pageInfoTypeOptions: { description: 'Where a page of a list stands in the whole.' },
    firstArgOptions: { description: `How many, from the start of the list or from \`after\`; ${pageSizes}.` },
    afterArgOptions: { description: 'Return the items after this cursor.' },
    lastArgOptions: { description: `How many, up to the end of the list or to \`before\`; ${pageSizes}.` },
    beforeArgOptions: { description: 'Return the items before this cursor.' },
    edgesFieldOptions: { description: 'The items of this page, each with its cursor.' },
    nodeFieldOptions: { description: 'The item.' },
    cursorFieldOptions: { description: 'Where the item stands in the list; opaque.' },
    pageInfoFieldOptions: { description: 'Whether there is more.' },
    hasNextPageFieldOptions: { description: 'Whether the list goes on behind this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether the list has something in front of this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first item; null when the page is empty.' },
    endCursorFieldOptions: { description: 'Cursor of the last item; null when the page is empty.' },
  },
  errors: { directResult: false },
  complexity: {
    // A page of the application costs a few thousand; see test/server/graphql-limits.test.ts.
    limit: { complexity: limits.cost, depth: limits.depth, breadth: limits.breadth },
    defaultListMultiplier: 1,
  },
})

function decodeGlobalID(globalId: string): { typename: string; id: string } {
  const decoded = Buffer.from(globalId, 'base64').toString()
  const [, typename, id] = /^(\w+):(.+)$/s.exec(decoded) ?? []
  if (typename === undefined || id === undefined || Buffer.from(decoded).toString('base64') !== globalId)
    throw badInput(`not a global id: ${JSON.stringify(globalId.slice(0, 100))}`)
  return { typename, id }
}

/** Replaces the message of the relay plugin, which says that the type "has not been implemented". */
function checkIsNode({ schema }: GraphQLResolveInfo, { typename }: { typename: string }): void {
  const node = schema.getType('Node')
  const isNode = isInterfaceType(node) && schema.getPossibleTypes(node).some(({ name }) => name === typename)
  if (!isNode) throw badInput(`not a global id: nothing of type ${JSON.stringify(typename)} has one`)
}

builder.queryType({
  description: `Operations that read data. They need no user. An operation costs at most ${limits.cost}, and has at most ${limits.depth} levels and ${limits.aliases} aliases; \`extensions.cost\` of an answer is the cost. \`site { limits }\` has all limits.`,
})
builder.mutationType({
  description: 'Operations that change data. They need a user: send Basic credentials.',
})

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many there are in the whole list, not just on this page.',
    resolve: ({ totalCount }) => totalCount(),
  }),
)
