import { complexityFromQuery } from '@pothos/plugin-complexity'
import {
  Kind,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { perOperation } from '../per-operation.ts'
import { badInput } from './bad-input.ts'
import type { Context } from './builder.ts'
import { limitError, limits, type LimitCode } from './limits.ts'

/**
 * The words of a refusal before an operation is looked at more closely: armor says all of them are errors of syntax.
 */
const armorRefusals: readonly { pattern: RegExp; code: LimitCode; what: string; remedy: string }[] = [
  {
    pattern: /Token limit of (\d+) exceeded/,
    code: 'TOKEN_LIMIT',
    what: 'words and signs',
    remedy: 'send values as variables, or split the operation',
  },
  {
    pattern: /Aliases limit of (\d+) exceeded, found (\d+)/,
    code: 'ALIAS_LIMIT',
    what: 'aliases',
    remedy: 'use a field that takes a list, such as nodes, or split the operation',
  },
  {
    pattern: /Directives limit of (\d+) exceeded, found (\d+)/,
    code: 'DIRECTIVE_LIMIT',
    what: 'directives',
    remedy: 'split the operation',
  },
  {
    pattern: /depth limit of (\d+) exceeded, found (\d+)/,
    code: 'DEPTH_LIMIT',
    what: 'levels',
    remedy: 'ask for the inner lists in another operation',
  },
]

/** A refusal of armor in our words; null when the error is none. */
export function translateRefusal(error: unknown): GraphQLError | null {
  if (!(error instanceof Error)) return null
  for (const { pattern, code, what, remedy } of armorRefusals) {
    const match = pattern.exec(error.message)
    if (!match) continue
    const [max, found] = [Number(match[1]), match[2] === undefined ? null : Number(match[2])]
    const has = found === null ? `more than ${max} ${what}` : `${found} ${what}`
    return limitError(
      code,
      `the operation has ${has}, at most ${max} are allowed: ${remedy}`,
      { max, ...(found === null ? {} : { found }) },
      400,
    )
  }
  return null
}

const priceOf = perOperation((_context: object) => ({ cost: 0 }))

/** The cost of an operation that is not too large, known before it is executed. */
export function operationCost(context: object): number {
  return priceOf(context).cost
}

/**
 * Refuses operations that are too large, with a code, the limit, what the operation has, and what to do;
 * before anything is executed, and with status 400. Each answer has the cost of its operation in
 * `extensions.cost`. Must come after the plugins of armor, whose refusals it words.
 */
export function useOperationLimits(): Plugin<Context> {
  return {
    onParams({ params }) {
      checkText(params.query ?? '')
      checkInput(params.variables ?? {}, 0)
    },
    onParse() {
      return ({ result, replaceParseResult }) => {
        // A parser that calls itself for each level has no room left for thousands of them.
        if (result instanceof RangeError) throw badRequest(tooDeep)
        if (result instanceof Error) replaceParseResult(translateRefusal(result) ?? result)
        else checkLiterals(result as DocumentNode)
      }
    },
    onValidate() {
      return ({ valid, result, setResult }) => {
        if (!valid)
          setResult((result as readonly GraphQLError[]).map((error) => translateRefusal(error) ?? error))
      }
    },
    onExecute({ args, context, executeFn, setExecuteFn, setResultAndStopExecution }) {
      const cost = costOf(args)
      if (!cost) {
        setExecuteFn(async (those: ExecutionArgs) => nameBadInput((await executeFn(those)) as unknown))
        return
      }
      const refusal = refusalOf(cost)
      if (refusal) {
        setResultAndStopExecution({ errors: [refusal] })
        return
      }
      priceOf(context).cost = cost.complexity
      // Inside of what the cache of answers executes, so that kept answers have the cost, too.
      setExecuteFn(async (those: ExecutionArgs) => {
        const result = (await executeFn(those)) as unknown
        return isAnswer(result) ? finish(result, cost) : result
      })
    },
  }
}

type Answer = ExecutionResult<Record<string, unknown>, Record<string, unknown>>

/** An answer that is no stream. */
function isAnswer(result: unknown): result is Answer {
  return typeof result === 'object' && result !== null && 'data' in result
}

/** Gives the errors of an operation that could not be executed, because of its variables, their code. */
function nameBadInput(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || isAnswer(result) || !('errors' in result))
    return result
  for (const { extensions } of result.errors as readonly GraphQLError[])
    extensions['code'] ??= 'BAD_USER_INPUT'
  return result
}

/** The answer with its cost; without its data when a limit was exceeded while it was built. */
function finish(answer: Answer, { complexity }: Cost): Answer {
  const exceeded = answer.errors?.find(
    ({ extensions: { code } }) => code === 'ANSWER_LIMIT' || code === 'TIME_LIMIT',
  )
  if (!exceeded) return { ...answer, extensions: { ...answer.extensions, cost: complexity } }
  const { code, ...facts } = exceeded.extensions
  return { errors: [limitError(code as LimitCode, exceeded.message, { ...facts, cost: complexity }, 400)] }
}

type Cost = { complexity: number; depth: number; breadth: number }

/** The cost of an operation, from the sizes of the pages that it asks for; null when its variables are wrong. */
function costOf({
  schema,
  document,
  variableValues,
  contextValue,
  operationName,
}: ExecutionArgs): Cost | null {
  const definitions = document.definitions.filter(
    (part) =>
      part.kind !== Kind.OPERATION_DEFINITION || operationName == null || part.name?.value === operationName,
  )
  try {
    return complexityFromQuery(
      { ...document, definitions },
      {
        schema,
        variables: variableValues ?? {},
        ctx: contextValue as object,
      },
    )
  } catch {
    // The execution says what is wrong with the variables.
    return null
  }
}

const tooDeep = `arguments and variables may be nested ${limits.inputDepth} levels deep, not deeper`

function badRequest(message: string): GraphQLError {
  const error = badInput(message)
  error.extensions['http'] = { status: 400 }
  return error
}

/** A NUL character, which ends texts in the database. */
function checkText(text: string): void {
  if (/\0|\\u0000|\\u\{0+\}/.test(text)) throw badRequest('texts must not contain a NUL character')
}

function checkInput(value: unknown, depth: number): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw badRequest('texts must not contain a NUL character')
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (depth > limits.inputDepth) throw badRequest(tooDeep)
  for (const part of Object.values(value)) checkInput(part, depth + 1)
}

function checkLiterals(document: DocumentNode): void {
  let depth = 0
  const nested = {
    enter() {
      if (++depth > limits.inputDepth) throw badRequest(tooDeep)
    },
    leave() {
      depth--
    },
  }
  visit(document, { ListValue: nested, ObjectValue: nested })
}

function refusalOf({ complexity, depth, breadth }: Cost): GraphQLError | null {
  if (depth > limits.depth)
    return limitError(
      'DEPTH_LIMIT',
      `the operation has ${depth} levels, at most ${limits.depth} are allowed: ask for the inner lists in another operation`,
      { max: limits.depth, found: depth },
      400,
    )
  if (breadth > limits.breadth)
    return limitError(
      'BREADTH_LIMIT',
      `the operation asks for ${breadth} fields, at most ${limits.breadth} are allowed: split it`,
      { max: limits.breadth, found: breadth },
      400,
    )
  if (complexity > limits.cost)
    return limitError(
      'COST_LIMIT',
      `the operation costs ${complexity}, at most ${limits.cost} is allowed: ask for smaller pages (first, last) or fewer fields`,
      { max: limits.cost, cost: complexity },
      400,
    )
  return null
}
