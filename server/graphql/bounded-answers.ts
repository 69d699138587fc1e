import {
  defaultFieldResolver,
  getNamedType,
  isLeafType,
  isObjectType,
  OperationTypeNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql'
import { perOperation } from '../per-operation.ts'
import { limitError, limits } from './limits.ts'

/**
 * What an operation has used so far. `startMs` is the clock of the processor at its start, put forward by the time
 * that others had while it waited. `waits` counts what it waits for, since the clock was at `waitingSinceMs`.
 */
type Use = { bytes: number; fields: number; startMs: number; waits: number; waitingSinceMs: number }

const useOf = perOperation((_context: object): Use => ({
  bytes: 0,
  fields: 0,
  startMs: cpuMs(),
  waits: 0,
  waitingSinceMs: 0,
}))

/** To read the clock of the processor takes some microseconds. */
const fieldsPerLook = 32

/** Milliseconds of the processor that this process has used. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Bound what a query makes the server build: the bytes of its values, and the time of the processor, both
 * checked at each field. The time counts processor time, not the time on the wall: a busy machine refuses
 * nothing that an idle one answers. Uploads and subscriptions are not bounded: they wait for their clients.
 * Changes the resolvers of the schema in place.
 */
export function boundAnswers(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const resolve = field.resolve ?? defaultFieldResolver
      field.resolve = isLeafType(getNamedType(field.type))
        ? countedLeaf(field.name.length + 4, resolve)
        : timed(resolve)
    }
  }
  return schema
}

type Resolver = GraphQLFieldResolver<unknown, object>

function countedLeaf(nameBytes: number, resolve: Resolver): Resolver {
  return (root, args, context, info) => {
    const value = resolve(root, args, context, info)
    if (info.operation.operation !== OperationTypeNode.QUERY) return value
    if (!(value instanceof Promise)) return counted(context, nameBytes, value)
    return value.then((later: unknown) => counted(context, nameBytes, later))
  }
}

function counted(context: object, nameBytes: number, value: unknown): unknown {
  const use = useOf(context)
  use.bytes += nameBytes + bytesOf(value)
  if (use.bytes > limits.answerBytes) {
    const mebibytes = limits.answerBytes / 1024 ** 2
    throw limitError(
      'ANSWER_LIMIT',
      `the answer has more than ${mebibytes} MiB: ask for smaller pages, or download texts by their URLs`,
      { maxBytes: limits.answerBytes },
    )
  }
  return value
}

/** About as many bytes as the value takes in the answer. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (!Array.isArray(value)) return 8
  return value.reduce((sum: number, item) => sum + 1 + bytesOf(item), 0)
}

function timed(resolve: Resolver): Resolver {
  return (root, args, context, info) => {
    if (info.operation.operation === OperationTypeNode.QUERY) {
      const use = useOf(context)
      use.bytes += 16
      if (++use.fields % fieldsPerLook === 0) checkTime(context)
    }
    return resolve(root, args, context, info)
  }
}

/** Throws when an operation has had the processor for too long. */
function checkTime(context: object): void {
  const { startMs, waits, waitingSinceMs } = useOf(context)
  const untilMs = waits > 0 ? waitingSinceMs : cpuMs()
  if (untilMs - startMs <= limits.operationMs) return
  throw limitError(
    'TIME_LIMIT',
    `the operation takes more than ${limits.operationMs} ms: ask for smaller pages or fewer fields`,
    { maxMs: limits.operationMs },
  )
}

/** The last statement of an operation that `inTurn` has taken on: the next one waits for it. */
const turns = perOperation((_context: object) => ({ last: Promise.resolve() }))

/**
 * Run a statement that a list runs for each of its items: one after the other, so that other requests run
 * between them, and within the time of the operation. SQLite answers in the same tick: a hundred such
 * statements at once would keep all others waiting for their sum.
 */
export function inTurn<Value>(context: object, run: () => Promise<Value>): Promise<Value> {
  const turn = turns(context)
  const done = turn.last.then(async () => {
    await waitElsewhere(context, new Promise((resolve) => setImmediate(resolve)))
    checkTime(context)
    return run()
  })
  turn.last = done.then(
    () => {},
    () => {},
  )
  return done
}

/**
 * Wait for something that runs elsewhere, such as a worker process or other requests. What the processor does
 * meanwhile does not count as the operation's time. Waits that overlap count once.
 */
export async function waitElsewhere<Value>(context: object, work: Promise<Value>): Promise<Value> {
  const use = useOf(context)
  if (use.waits++ === 0) use.waitingSinceMs = cpuMs()
  try {
    return await work
  } finally {
    if (--use.waits === 0) use.startMs += cpuMs() - use.waitingSinceMs
  }
}
