import { BusyError, DomainError } from '../errors.ts'

/** The settings, or the files, of a server do not let it be one of several. The message says what to do. */
export class ServerGroupError extends DomainError {
  override readonly name = 'ServerGroupError'
}

/** Another server leads meanwhile: this one writes nothing any more. */
export class NotLeaderError extends BusyError {
  override readonly name = 'NotLeaderError'
  constructor() {
    super('this server has stood still, and another one has taken its place: send this again')
  }
}
