import { pino, type Logger } from 'pino'
import { activeTraceId } from './tracing.ts'

export type Log = Logger

/** What is logged within a span names its trace. */
export function traceOfLine(): { traceId?: string } {
  const traceId = activeTraceId()
  return traceId === undefined ? {} : { traceId }
}

/** A log with one JSON object per line on standard error. Standard output is for the output of commands. */
export function createLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, mixin: traceOfLine },
    pino.destination({ fd: 2, sync: true }),
  )
}
