import type { Log } from '../log.ts'
import type { ChangeListeners } from './change-feed.ts'

/** While changes cannot be noticed: what is forgotten, who is told, and what the log says. */
export type FaultWatch = {
  /**
   * A look has failed. Nothing may be given from memory; listeners are told once, since a fault that lasts says nothing
   * new to them.
   */
  noted: (error: unknown) => void
  /**
   * A look has succeeded. If it is the first one after a fault, listeners are told, since changes may have been missed.
   * Gives whether it is.
   */
  ended: () => boolean
}

export function faultWatch(
  { forget, forgetAnswers }: Pick<ChangeListeners, 'forget' | 'forgetAnswers'>,
  log: Pick<Log, 'warn' | 'info'>,
): FaultWatch {
  let isFaulty = false
  return {
    noted(error) {
      if (isFaulty) return forgetAnswers()
      isFaulty = true
      log.warn({ err: error }, 'changes of the database are not noticed: nothing is answered from memory')
      forget()
    },
    ended() {
      if (!isFaulty) return false
      isFaulty = false
      log.info('changes of the database are noticed again')
      forget()
      return true
    },
  }
}
