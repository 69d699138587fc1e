import { pino, type Logger } from 'pino'

export type Log = Logger

/** A log with one JSON object per line on standard error. Standard output is for the output of commands. */
export function createLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
}
