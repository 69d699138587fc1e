import { GraphQLError } from 'graphql'

/** What one operation may ask for, and what one answer may hold. */
export const limits = {
  /** Sum of the prices of an operation's fields: see docs/api.md. */
  cost: 25_000,
  /** Levels of fields within fields. */
  depth: 16,
  /** Fields that an operation names, fragments unfolded. */
  breadth: 400,
  aliases: 30,
  directives: 50,
  tokens: 2_000,
  /** Levels of lists and objects in arguments and variables. */
  inputDepth: 20,
  /** Characters and digits of an answer's values and names. */
  answerBytes: 4 * 1024 ** 2,
  /** Time of the processor that the server may take between the start of an operation and its last field. */
  operationMs: 2_000,
  /** Operations of one address that are executed at the same time. The others wait. */
  operationsPerAddress: 4,
  /** Operations of one address that wait. */
  waitingPerAddress: 100,
  /** An operation that costs more waits for a turn among the expensive operations of all addresses. */
  cheapCost: 5_000,
  /** Expensive operations that are executed at the same time. */
  expensiveOperations: 2,
  /** Length of a request without files. */
  bodyBytes: 1_000_000,
  /** Items of a page when `first` and `last` are absent, and at most. */
  defaultPageSize: 50,
  maxPageSize: 100,
} as const

/** Code of a refusal, in `extensions.code`. */
export type LimitCode =
  | 'COST_LIMIT'
  | 'DEPTH_LIMIT'
  | 'BREADTH_LIMIT'
  | 'ALIAS_LIMIT'
  | 'DIRECTIVE_LIMIT'
  | 'TOKEN_LIMIT'
  | 'ANSWER_LIMIT'
  | 'TIME_LIMIT'
  | 'RATE_LIMIT'

/** A refusal of an operation that is too large. `message` says what is too large, the limit, and what to do. */
export function limitError(
  code: LimitCode,
  message: string,
  facts: Record<string, unknown> = {},
  status?: number,
): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code, ...facts, ...(status === undefined ? {} : { http: { status } }) },
  })
}
