import { Prisma } from '../generated/prisma/client.ts'

const { sql } = Prisma

/** How a set names a package: by name, or as a folder of sources that was found by its checksum or address. */
export type EntryIdentity = 'SWITCH' | 'CHECKSUM' | 'URL'

/** In the database it is one letter: there is an entry for each package of each set. */
export const storedIdentity = (identity: EntryIdentity): string => identity.charAt(0)

/** The identity of the entry `e` of a statement; null where there is no entry. */
export const identityOfEntry = sql`CASE e."identifiedBy" WHEN 'S' THEN 'SWITCH' WHEN 'C' THEN 'CHECKSUM' WHEN 'U' THEN 'URL' END`
