import * as z from 'zod'
import type { Subscription } from '../generated/prisma/client.ts'
import { digests, transitions, type Transition } from './transition.ts'

const Row = z.object({
  jobs: z.array(z.string()),
  platforms: z.array(z.string()).nullable(),
  events: z.array(z.enum(transitions as [Transition, ...Transition[]])),
  digest: z.enum(digests),
})

/** What a user wants to be told. `jobs`: names in which `*` stands for any characters. `platforms` null: all. */
export type Choice = z.infer<typeof Row>

export type SubscriptionFacts = Pick<Subscription, 'id' | 'userId' | 'createdAt'> & Choice

/** Throws if the row is not one that this version has written. */
export function parseSubscription(row: Subscription): SubscriptionFacts {
  const { id, userId, createdAt, jobs, platforms, events, digest } = row
  const choice = Row.parse({
    jobs: JSON.parse(jobs) as unknown,
    platforms: platforms === null ? null : (JSON.parse(platforms) as unknown),
    events: JSON.parse(events) as unknown,
    digest,
  })
  return { id, userId, createdAt, ...choice }
}

/** The columns of a choice. */
export function columnsOf({ jobs, platforms, events, digest }: Choice) {
  return {
    jobs: JSON.stringify(jobs),
    platforms: platforms === null ? null : JSON.stringify(platforms),
    events: JSON.stringify(events),
    digest,
  }
}
