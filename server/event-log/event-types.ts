/** What can happen, by the type of its event: a sentence for people. docs/webhooks.md has the data of each. */
export const eventTypes = {
  'build.stored': 'A build has arrived.',
  'build.failed': 'A build has arrived whose script did not exit 0.',
  'build.newly_failing': 'The newest build of a job on a platform failed, and the one before did not.',
  'build.fixed': 'The newest build of a job on a platform succeeded, and the one before failed.',
  'build.reproduced': 'Builds of a job on a platform are reproduced now.',
  'build.not_reproducible': 'Builds of a job on a platform are known now not to be reproducible.',
  'output.changed': 'The newest main binary of a job on a platform is another one than before.',
  'trust.changed': 'The policy of the site says something else of a main binary than before.',
  'analysis.finished': 'An analysis of a build has ended.',
  'advisory.matched': 'Known issues of packages were found in the newest build of a job on a platform.',
  'job.silent': 'A job has had no build for some days.',
  'storage.low': 'The disk of the data directory is nearly full.',
  'backup.failed': 'A backup has failed.',
  'test.ping': 'An administrator tries an endpoint out.',
} as const

export type EventType = keyof typeof eventTypes

export const eventTypeNames = Object.keys(eventTypes) as EventType[]

export const isEventType = (text: string): text is EventType => Object.hasOwn(eventTypes, text)
