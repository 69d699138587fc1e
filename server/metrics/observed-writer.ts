import type { Writer } from '../database/writer.ts'
import type { Metrics } from './metrics.ts'

/** The same writer, whose transactions are counted. */
export function observedWriter(writer: Writer, { transactionDuration }: Metrics): Writer {
  return {
    async transact(changes, action, onRolledBack) {
      const seconds = transactionDuration.startTimer()
      try {
        const value = await writer.transact(changes, action, onRolledBack)
        seconds({ outcome: 'committed' })
        return value
      } catch (error) {
        seconds({ outcome: 'rolled_back' })
        throw error
      }
    },
  }
}
