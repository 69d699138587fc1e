import type { Writer } from '../database/writer.ts'
import { inSpan, SpanKind } from '../tracing.ts'
import type { Metrics } from './metrics.ts'

/** The same writer, whose transactions are counted, and are spans. `engine` is its name by OpenTelemetry's conventions. */
export function observedWriter(
  writer: Writer,
  { transactionDuration }: Metrics,
  engine: 'sqlite' | 'postgresql',
): Writer {
  const span = { kind: SpanKind.CLIENT, attributes: () => ({ 'db.system.name': engine }) }
  return {
    async transact(changes, action, onRolledBack, options) {
      const seconds = transactionDuration.startTimer()
      try {
        const value = await inSpan('db.transaction', span, () =>
          writer.transact(changes, action, onRolledBack, options),
        )
        seconds({ outcome: 'committed' })
        return value
      } catch (error) {
        seconds({ outcome: 'rolled_back' })
        throw error
      }
    },
    untilOnDisk: () => writer.untilOnDisk(),
  }
}
