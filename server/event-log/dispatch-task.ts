import type { NewTask } from '../runner/enqueue.ts'

export const dispatchKind = 'DISPATCH_EVENTS'

/** Lets the hub look for receivers of new events. */
export const dispatchTask: NewTask = { kind: dispatchKind, key: '', ifKnown: 'runAgain' }
