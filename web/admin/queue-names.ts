const names: Record<string, string> = {
  APPLY_RETENTION: 'Remove builds by the retention rules',
  BACKFILL_BINARY_SIZE: 'Find binaries to analyse in older builds',
  BACKFILL_DEPENDENCIES: 'Find dependencies to analyse in older builds',
  BACKFILL_FAILURE: 'Find failures to analyse in older builds',
  BACKFILL_SOLO5: 'Find Solo5 binaries to analyse in older builds',
  BINARY_SIZE: 'Analyse sizes of binaries',
  COLLECT_BLOBS: 'Remove content that no build has',
  DELIVER_WEBHOOKS: 'Send events to webhooks',
  DEPENDENCIES: 'Analyse dependencies',
  DESCRIBE_JOB: 'Read descriptions of jobs',
  DISPATCH_EVENTS: 'Find the webhooks of events',
  FAILURE: 'Analyse why builds failed',
  HOOK: 'Run hooks',
  MIRROR: 'Mirror another site',
  NOTIFY: 'Write notifications',
  PRUNE_EVENTS: 'Remove old events',
  PRUNE_HOOK_RUNS: 'Remove old runs of hooks',
  PUBLISH_REPOSITORIES: 'Publish package repositories',
  REBUILD_FACTS: 'Rebuild verdicts and other facts',
  REMOVE_ENDED_SESSIONS: 'Remove ended sessions',
  SCRUB_BLOBS: 'Check stored content',
  SEND_MAIL: 'Send e-mail',
  SOLO5: 'Analyse Solo5 targets and devices',
  WATCH_SITE: 'Look for silent jobs and a full disk',
}

/** What the tasks of a kind do: `Run hooks`; the kind itself where it has no name here. */
export const queueName = (kind: string): string => (Object.hasOwn(names, kind) && names[kind]) || kind
