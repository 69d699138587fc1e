import type { Config } from '../config.ts'
import { createLog, type Log } from '../log.ts'

/** The log of a command: only errors, unless the operator has chosen another level than the server's default. */
export const commandLog = ({ logLevel }: Pick<Config, 'logLevel'>): Log =>
  createLog(logLevel === 'info' ? 'error' : logLevel)
