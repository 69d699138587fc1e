import * as z from 'zod'

/**
 * What the hub itself reads of the data of events: no type has all. docs/webhooks.md has what each has. One event that lacks
 * something must keep no other one waiting, so nothing is required.
 */
const Data = z.object({
  build: z
    .object({
      job: z.string(),
      platform: z.string(),
      path: z.string(),
      verdict: z.string(),
      /** Of a build that has arrived. */
      finishedAt: z.coerce.date(),
      result: z.object({ status: z.string() }),
    })
    .partial()
    .optional(),
  job: z.object({ name: z.string(), path: z.string() }).optional(),
  /** Of the newest build of a silent job, or of an output of which the policy says something else. */
  platform: z.string().optional(),
  /** What the policy says of an output of the job. */
  outcome: z.string().optional(),
  reason: z.string().nullish(),
  /** The build that has changed the verdict of another one. */
  cause: z.object({}).optional(),
  changed: z.object({ count: z.number() }).optional(),
  analysis: z.object({ kind: z.string(), state: z.string() }).optional(),
  advisories: z.array(z.object({ id: z.string() })).optional(),
  /** The build came from another site, or from a file. */
  isCopy: z.boolean().optional(),
  /** A sentence for people. */
  text: z.string().optional(),
})

export type EventData = z.infer<typeof Data>

/** Reads the column `Event.data`. Throws if no version has written it. */
export const parseEventData = (json: string): EventData => Data.parse(JSON.parse(json))
