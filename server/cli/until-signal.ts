import { DomainError } from '../errors.ts'

/** A signal has stopped a command before its end. */
export class StoppedError extends DomainError {
  override readonly name = 'StoppedError'
}

/** Runs an action that ends early when `signal` is aborted: by SIGINT or SIGTERM. */
export async function untilSignal<Value>(action: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const names = ['SIGINT', 'SIGTERM'] as const
  for (const name of names) process.once(name, stop)
  try {
    return await action(stopping.signal)
  } finally {
    for (const name of names) process.off(name, stop)
  }
}
