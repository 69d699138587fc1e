import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import { BadSectionError } from '../jobs/update-job.ts'
import { BuildPinnedError, UnknownBuildError } from '../retention/pins.ts'
import { UnknownPlaceError } from '../retention/places.ts'
import { RetentionPolicyError } from '../retention/retention-policy.ts'
import { FactsUnknownError } from '../retention/known-facts.ts'
import { TaskNotEndedError, TaskNotFoundError } from '../runner/retry-task.ts'
import { NotConfirmedError } from './act.ts'

const refusals = [
  [NotConfirmedError, 'NotConfirmedError', 'The confirmation is not the name of what was to be removed.'],
  [UnknownBuildError, 'BuildNotFoundError', 'No stored build has this UUID.'],
  [BuildPinnedError, 'BuildPinnedError', 'Pinned builds are not removed.'],
  [UnknownPlaceError, 'JobNotFoundError', 'No job has this name.'],
  [BadSectionError, 'BadSectionError', 'The section is no heading.'],
  [TaskNotFoundError, 'TaskNotFoundError', 'No task has this number.'],
  [TaskNotEndedError, 'TaskNotEndedError', 'The task waits, or runs already.'],
  [RetentionPolicyError, 'RetentionPolicyError', 'There is no policy of retention, or it has a fault.'],
  [
    FactsUnknownError,
    'FactsUnknownError',
    'Facts that say what may be removed are computed anew: try again later.',
  ],
] as const

for (const [type, name, description] of refusals)
  builder.objectType(type, { name, description, interfaces: [Refusal] })

/** The names of a mutation's result: a union of its success and its refusals. */
export const resultOf = (name: string, success: string, dataField: string, data: string) => ({
  union: { name: `${name}Result`, description: `${success} Or why nothing was changed.` },
  result: { name: `${name}Success`, description: success },
  dataField: { name: dataField, description: data },
})
