import type { DomainError } from '../errors.ts'
import { builder } from './builder.ts'

export const Refusal = builder.interfaceRef<DomainError>('Refusal').implement({
  description:
    'Reason why a mutation changed nothing. Each reason that the caller can act on is a member of the result union.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is wrong and what to do, for people.' }),
  }),
})
