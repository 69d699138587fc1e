import { setTimeout as sleep } from 'node:timers/promises'
import { isTransient } from './s3-errors.ts'

const defaultTries = 5

/** The client tries nothing again whose body is a stream. */
export async function tryAgain<Value>(call: () => Promise<Value>, tries = defaultTries): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (!isTransient(error) || attempt === tries) throw error
      await sleep(50 * 2 ** attempt * (0.5 + Math.random()))
    }
  }
}
