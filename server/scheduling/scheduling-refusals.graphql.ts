import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import {
  ExecuteError,
  InvalidScheduleError,
  JobNameUsedError,
  NotRebuildableError,
  PlatformDroppedError,
  RunNotFoundError,
  RunStateError,
  ScheduleNotFoundError,
  SectionPolicyNotFoundError,
  TemplateNotFoundError,
  UnknownPlatformError,
} from './errors.ts'

for (const [type, name, description] of [
  [JobNameUsedError, 'JobNameUsedError', 'The job has a schedule already.'],
  [ScheduleNotFoundError, 'ScheduleNotFoundError', 'The job has no schedule.'],
  [InvalidScheduleError, 'InvalidScheduleError', 'A part of what was sent is not as it must be.'],
  [PlatformDroppedError, 'PlatformDroppedError', 'Nothing is scheduled for a platform that was dropped.'],
  [UnknownPlatformError, 'UnknownPlatformError', 'The platform has no queue, or was not dropped.'],
  [ExecuteError, 'CannotRunError', 'The job cannot be run there.'],
  [RunNotFoundError, 'RunNotFoundError', 'No run, and no try, has this UUID.'],
  [RunStateError, 'RunStateError', 'The run has ended already, or has not.'],
  [TemplateNotFoundError, 'TemplateNotFoundError', 'The database has no template of the platform.'],
  [SectionPolicyNotFoundError, 'SectionPolicyNotFoundError', 'The section has no policy.'],
  [NotRebuildableError, 'NotRebuildableError', 'The build has not recorded what it was made from.'],
] as const)
  builder.objectType(type, { name, description, interfaces: [Refusal] })
