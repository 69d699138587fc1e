/** The `count`-th time that `moment` comes, or that any does. Names are those of steps, calls, or `statement`. */
export type Moment = { moment?: string; count: number }

export type ToChild =
  | { kind: 'arm'; moment: Moment | null }
  | { kind: 'collect-garbage' }
  /** Asks only for the number of moments since the last `arm`. */
  | { kind: 'count' }

export type FromChild = { kind: 'ready'; url: string } | { kind: 'done'; seen: number }
