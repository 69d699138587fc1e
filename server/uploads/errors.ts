import { DomainError } from '../errors.ts'

/** A build with this UUID is stored already. The upload was discarded. */
export class BuildExistsError extends DomainError {
  override readonly name = 'BuildExistsError'
  readonly uuid: string
  constructor(uuid: string) {
    super(`build ${uuid} exists already: it was stored before, there is nothing to do`)
    this.uuid = uuid
  }
}

/** A page of another site made the visitor's browser send this upload. */
export class CrossSiteUploadError extends DomainError {
  override readonly name = 'CrossSiteUploadError'
  constructor() {
    super('a page of another site sent this: upload with curl, builder-server or a page of this site')
  }
}
