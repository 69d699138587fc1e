import { DomainError } from '../errors.ts'

/** What was not imported, and why. `name` is what the operator knows it by: a file, a build, a user. */
export type Refused = { name: string; reason: string }

/** What an import did, or would do. */
export type ImportReport = {
  /** Builds that were stored. */
  imported: number
  /** Builds that were stored before. */
  present: number
  /** Builds that were removed here before, and stay so. */
  removed: number
  refused: Refused[]
}

export const emptyReport = (): ImportReport => ({ imported: 0, present: 0, removed: 0, refused: [] })

/** A file or an address gives no record: it cannot be read, or lacks a part. */
export class SourceError extends DomainError {
  override readonly name = 'SourceError'
}

/** The operator has stopped the command. What was imported stays, and the next run goes on from there. */
export class StoppedError extends DomainError {
  override readonly name = 'StoppedError'
  constructor() {
    super('stopped: what is imported stays; run the command again to go on')
  }
}
