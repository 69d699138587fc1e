import { DomainError } from '../errors.ts'
import { visibleName } from '../visible-text.ts'

/** A refusal that builder-client knows in words of its own: `builderWords`. */
export class SchedulingError extends DomainError {
  readonly builderWords: string
  constructor(message: string, builderWords: string) {
    super(message)
    this.builderWords = builderWords
  }
}

/** A job has one schedule at most. */
export class JobNameUsedError extends SchedulingError {
  override readonly name = 'JobNameUsedError'
  constructor(job: string) {
    super(
      `the job ${visibleName(job)} has a schedule already: change that one, or give this one another name`,
      'job name already used',
    )
  }
}

/** There is no schedule of that job. */
export class ScheduleNotFoundError extends SchedulingError {
  override readonly name = 'ScheduleNotFoundError'
  constructor(job: string, builderWords = `unknown job ${job}`) {
    super(`the job ${visibleName(job)} has no schedule`, builderWords)
  }
}

/** A schedule, a template or a name is not as it must be. The message says which part, and why. */
export class InvalidScheduleError extends DomainError {
  override readonly name = 'InvalidScheduleError'
}

/** There is no policy of that section. */
export class SectionPolicyNotFoundError extends DomainError {
  override readonly name = 'SectionPolicyNotFoundError'
  constructor(section: string) {
    super(`the section ${visibleName(section)} has no policy`)
  }
}

/** Nothing is scheduled for a platform that was dropped. */
export class PlatformDroppedError extends SchedulingError {
  override readonly name = 'PlatformDroppedError'
  constructor(platform: string) {
    super(
      `the platform ${visibleName(platform)} was dropped: take that back first, or name another platform`,
      "platform dropped; can't schedule jobs",
    )
  }
}

/** There is no queue of that platform. */
export class UnknownPlatformError extends SchedulingError {
  override readonly name = 'UnknownPlatformError'
  constructor(platform: string) {
    super(noQueue(platform), `unknown platform ${platform}`)
  }
}

/** What a refusal says of a platform without a queue. */
export const noQueue = (platform: string): string =>
  `the platform ${visibleName(platform)} has no queue: it gets one with its first worker`

/** The job cannot be run there. */
export class ExecuteError extends SchedulingError {
  override readonly name = 'ExecuteError'
  constructor(message: string, builderWords: string) {
    super(message, `execute failed: ${builderWords}`)
  }
}

/** There is no run, and no try, with that UUID. */
export class RunNotFoundError extends DomainError {
  override readonly name = 'RunNotFoundError'
  constructor(uuid: string) {
    super(`there is no run ${uuid}`)
  }
}

/** The run has ended, or has not: what was asked for cannot be done. */
export class RunStateError extends DomainError {
  override readonly name = 'RunStateError'
}

/** The try has ended, or another connection has it. */
export class TryOverError extends DomainError {
  override readonly name = 'TryOverError'
  constructor(uuid: string, why = 'is over') {
    super(`the try ${uuid} ${why}`)
  }
}

/** There is no template of that platform in the database. */
export class TemplateNotFoundError extends DomainError {
  override readonly name = 'TemplateNotFoundError'
}

/** The build has not recorded what it was made from. */
export class NotRebuildableError extends DomainError {
  override readonly name = 'NotRebuildableError'
}
