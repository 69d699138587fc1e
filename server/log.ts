import { pino, type Logger } from 'pino'

export type Log = Logger

/** One JSON object a line on standard error, so that standard output stays for answers. */
export function createLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
}
