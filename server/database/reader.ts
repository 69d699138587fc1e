import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'

type ReadMethod =
  | 'aggregate'
  | 'count'
  | 'findFirst'
  | 'findFirstOrThrow'
  | 'findMany'
  | 'findUnique'
  | 'findUniqueOrThrow'
  | 'groupBy'

/**
 * The part of the Prisma client that reads. Deps has one whose connection sees committed rows only, and
 * refuses to write. A transaction is a reader, too: it also sees the rows that it has written itself.
 */
export type Reader = Pick<PrismaClient, '$queryRaw'> & {
  [Model in Prisma.ModelName as Uncapitalize<Model>]: Pick<PrismaClient[Uncapitalize<Model>], ReadMethod>
}
