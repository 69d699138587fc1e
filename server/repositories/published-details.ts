import * as z from 'zod'

const Shadowed = z.object({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  sha256: z.string(),
  /** SHA-256 of the package that is published in its place. */
  by: z.string(),
})
const Unreadable = z.object({ job: z.string(), sha256: z.string(), problem: z.string() })

const Details = z.object({
  /** Of the keys that have signed, the newest last. */
  fingerprints: z.array(z.string()),
  suite: z.string().nullable(),
  component: z.string().nullable(),
  architectures: z.array(z.string()),
  shadowedCount: z.number(),
  shadowed: z.array(Shadowed),
  unreadableCount: z.number(),
  unreadable: z.array(Unreadable),
})

/** A package that is not published because a newer one has the same name, version and architecture. */
export type Shadowed = z.infer<typeof Shadowed>
/** A main binary with the extension of a package that is none. */
export type Unreadable = z.infer<typeof Unreadable>

/** What is known of a publication beside its files; of the lists, the first 100. */
export type PublishedDetails = z.infer<typeof Details>

export const maxListed = 100

export const parseDetails = (json: string): PublishedDetails => Details.parse(JSON.parse(json))
