/**
 * What others may have to notice of a transaction. `isVisible`: remembered answers (responses, pages, redirects, feeds,
 * badges, JSON) show it, so that they are forgotten. docs/decisions/033-changes-and-viewers.md says why.
 */
export const changeKinds = {
  /** Builds were stored or removed, with all that is derived from them. */
  builds: { isVisible: true },
  /** Other facts that visitors see: descriptions of jobs, corrected facts. */
  facts: { isVisible: true },
  /** Content was found damaged, or is whole again. */
  damage: { isVisible: true },
  /** Analyses have a result or failed. Only answers that show unfinished analyses depend on it. */
  analyses: { isVisible: false },
  /** Tasks wait that a runner can run now. */
  tasks: { isVisible: false },
  /** Schedules, templates or queues of platforms have changed. Only answers that show them depend on it. */
  schedule: { isVisible: false },
  /** Runs have another state, or workers have come or gone. Only answers that show them depend on it. */
  runs: { isVisible: false },
} as const satisfies Record<string, { isVisible: boolean }>

export type ChangeKind = keyof typeof changeKinds

/** The changes of a transaction: the same ones each time that it runs, or those that its result tells. */
export type ChangesOf<Result> = readonly ChangeKind[] | ((result: Result) => readonly ChangeKind[])

/** How often each kind of change has happened since the database was made. A kind that is missing has not happened. */
export type ChangeCounts = Partial<Record<ChangeKind, number>>

export function isChangeKind(name: string): name is ChangeKind {
  return Object.hasOwn(changeKinds, name)
}

export const visibleKinds: readonly ChangeKind[] = Object.entries(changeKinds).flatMap(
  ([name, { isVisible }]) => (isVisible && isChangeKind(name) ? [name] : []),
)

/** Rows of the table ChangeCount, in which other versions may have counted further kinds. */
export function countsOf(rows: readonly { kind: string; value: bigint | number | string }[]): ChangeCounts {
  return Object.fromEntries(
    rows.filter(({ kind }) => isChangeKind(kind)).map(({ kind, value }) => [kind, Number(value)]),
  )
}
