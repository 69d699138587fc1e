import type { EventType } from '../event-log/event-types.ts'

/** Changes of state that people are told of, by the type of their events. */
const transitionOfType = {
  'build.newly_failing': 'NEWLY_FAILING',
  'build.fixed': 'FIXED',
  'output.changed': 'OUTPUT_CHANGED',
  'build.not_reproducible': 'NOT_REPRODUCIBLE',
  'job.silent': 'SILENT',
  'build.reproduced': 'REPRODUCED',
  'advisory.matched': 'KNOWN_ISSUE',
} as const satisfies Partial<Record<EventType, string>>

export type Transition = (typeof transitionOfType)[keyof typeof transitionOfType]

/** What a notification tells. SILENT is of a job on all its platforms. STILL_FAILING: the reminder of a job that was told as newly failing. */
export type ToldTransition = Transition | 'STILL_FAILING'

/** In the order of mails: the most urgent first. */
export const transitions: readonly Transition[] = Object.values(transitionOfType)

/** All that mails tell, in their order. */
export const toldTransitions: readonly ToldTransition[] = transitions.flatMap((one) =>
  one === 'NEWLY_FAILING' ? [one, 'STILL_FAILING' as const] : [one],
)

export const transitionEvents = Object.keys(transitionOfType) as (keyof typeof transitionOfType)[]

export const transitionOf = (type: string): Transition | null =>
  (transitionOfType as Record<string, Transition>)[type] ?? null

/** What somebody is told of who chooses nothing: that builds are reproduced is good news each day. */
export const usualTransitions = transitions.filter((one) => one !== 'REPRODUCED')

/** When mails are sent: soon, once an hour, or once a day. */
export const digests = ['INSTANT', 'HOURLY', 'DAILY'] as const
export type Digest = (typeof digests)[number]

export const isTransition = (text: unknown): text is Transition =>
  (transitions as readonly unknown[]).includes(text)
export const isDigest = (text: unknown): text is Digest => (digests as readonly unknown[]).includes(text)
