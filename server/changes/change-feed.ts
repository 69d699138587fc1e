import type { Log } from '../log.ts'
import { isChangeKind, changeKinds, visibleKinds, type ChangeCounts, type ChangeKind } from './change.ts'

/**
 * Tells what has changed in the database, whoever changed it: this process, another server, or a command. There is one for
 * each opened database.
 */
export type ChangeFeed = {
  /**
   * Notices what others have committed. Call it before an answer is given from memory. Undefined: that is done already;
   * a promise, which never rejects: it is done when the promise resolves. When the database does not answer, all may
   * have changed: each look empties what holds answers.
   */
  look: () => Promise<void> | undefined
  /**
   * Calls `listener` after changes of these kinds; once for several changes that were noticed together. Its exceptions
   * are logged. Returns a function that ends this. One that `holdsAnswers` is also called by each look that fails.
   */
  on: (kinds: readonly ChangeKind[], listener: () => void, of?: { holdsAnswers?: boolean }) => () => void
  listenerCount: (kind: ChangeKind) => number
  /** From now on also notices changes of others while nobody looks. Ends when the database is closed. */
  listen: () => Promise<void>
}

/** Calls `listener` after each change that remembered answers show. */
export function onVisibleChange(changes: Pick<ChangeFeed, 'on'>, listener: () => void): () => void {
  return changes.on(visibleKinds, listener, { holdsAnswers: true })
}

/** The part of a feed that knows what was noticed so far, and whom to tell. */
export type ChangeListeners = Pick<ChangeFeed, 'on' | 'listenerCount'> & {
  /** Some counts as they are after a commit. Commits may be told in another order than they happened. */
  raise: (counts: ChangeCounts) => void
  /** All counts as the database has them now. */
  replace: (counts: ChangeCounts) => void
  /** Changes may have been missed. */
  forget: () => void
  /** Changes may have been missed, as all listeners know already: only what holds answers is told. */
  forgetAnswers: () => void
}

export function changeListeners(log: Pick<Log, 'error'>): ChangeListeners {
  const listeners = new Set<{ kinds: readonly ChangeKind[]; listener: () => void; holdsAnswers: boolean }>()
  const known: ChangeCounts = {}
  const allKinds = Object.keys(changeKinds).filter(isChangeKind)

  function tell(changed: readonly ChangeKind[], isForAnswers = false): void {
    if (changed.length === 0) return
    for (const { kinds, listener, holdsAnswers } of [...listeners]) {
      if (isForAnswers && !holdsAnswers) continue
      if (!kinds.some((kind) => changed.includes(kind))) continue
      try {
        listener()
      } catch (error) {
        log.error({ err: error, changed }, 'a listener of changes failed')
      }
    }
  }

  return {
    on(kinds, listener, { holdsAnswers = false } = {}) {
      const entry = { kinds, listener, holdsAnswers }
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    listenerCount: (kind) => [...listeners].filter(({ kinds }) => kinds.includes(kind)).length,
    raise(counts) {
      const changed = allKinds.filter((kind) => (counts[kind] ?? 0) > (known[kind] ?? 0))
      Object.assign(known, Object.fromEntries(changed.map((kind) => [kind, counts[kind]])))
      tell(changed)
    },
    replace(counts) {
      // Not only greater ones: the operator may have put an older database in its place.
      const changed = allKinds.filter((kind) => (counts[kind] ?? 0) !== (known[kind] ?? 0))
      Object.assign(known, Object.fromEntries(changed.map((kind) => [kind, counts[kind] ?? 0])))
      tell(changed)
    },
    forget: () => tell(allKinds),
    forgetAnswers: () => tell(allKinds, true),
  }
}
