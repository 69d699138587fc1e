import type { DomainError } from '../errors.ts'
import { builder } from './builder.ts'

export const Refusal = builder.interfaceRef<DomainError>('Refusal').implement({
  description:
    'Why a mutation did nothing. What the caller can act on is a type of its own in the result union.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is wrong and what to do, for people.' }),
  }),
})
