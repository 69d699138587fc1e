import { builder } from '../graphql/builder.ts'
import { limits } from '../graphql/limits.ts'
import { Site } from './site.graphql.ts'

const Limits = builder.objectRef<typeof limits>('Limits').implement({
  description: 'What one operation may ask for, and what one answer may hold. Larger operations are refused.',
  fields: (t) => ({
    cost: t.exposeInt('cost', {
      description: 'Largest cost of an operation: the sum of the prices of its fields.',
    }),
    depth: t.exposeInt('depth', { description: 'Most levels of fields.' }),
    breadth: t.exposeInt('breadth', {
      description: 'Most fields that an operation names, fragments unfolded.',
    }),
    aliases: t.exposeInt('aliases', { description: 'Most aliases of an operation.' }),
    directives: t.exposeInt('directives', { description: 'Most directives of an operation.' }),
    tokens: t.exposeInt('tokens', { description: 'Most words and signs of an operation.' }),
    inputDepth: t.exposeInt('inputDepth', { description: 'Most levels of lists and objects in arguments.' }),
    bodyBytes: t.field({
      type: 'ByteSize',
      description: 'Largest body of a request without files.',
      resolve: ({ bodyBytes }) => bodyBytes,
    }),
    answerBytes: t.field({
      type: 'ByteSize',
      description: 'Largest answer.',
      resolve: ({ answerBytes }) => answerBytes,
    }),
    operationMs: t.exposeInt('operationMs', {
      description: 'Longest time of the processor that an operation may take, in milliseconds.',
    }),
    operationsPerAddress: t.exposeInt('operationsPerAddress', {
      description: 'Most operations of one address that run at the same time. The others wait.',
    }),
    waitingPerAddress: t.exposeInt('waitingPerAddress', {
      description: 'Most operations of one address that wait. Further ones are refused.',
    }),
    cheapCost: t.exposeInt('cheapCost', {
      description:
        'An operation that costs more is expensive: it waits for its turn among the expensive operations of all addresses.',
    }),
    expensiveOperations: t.exposeInt('expensiveOperations', {
      description: 'Most expensive operations, of all addresses, that run at the same time.',
    }),
    defaultPageSize: t.exposeInt('defaultPageSize', {
      description: 'Items of a page of a list, without `first` and `last`.',
    }),
    maxPageSize: t.exposeInt('maxPageSize', {
      description: 'Items of a page of a list, and objects that one field looks up, at most.',
    }),
  }),
})

builder.objectField(Site, 'limits', (t) =>
  t.field({ type: Limits, description: 'Limits of the operations of this API.', resolve: () => limits }),
)
