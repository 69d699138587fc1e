import {
  defaultFieldResolver,
  getNamedType,
  isLeafType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { nextTurn } from '../loop-turns.ts'
import { perOperation } from '../per-operation.ts'
import { limitError, limits } from './limits.ts'

/**
 * What an operation has used so far. `turns` counts how often it let others run. `startMs` is the clock of the
 * processor at its start, put forward by the time that others had while it waited. `waits` counts what it waits for,
 * since the clock was at `waitingSinceMs`.
 */
type Use = {
  bytes: number
  fields: number
  turns: number
  startMs: number
  waits: number
  waitingSinceMs: number
}

const useOf = perOperation((_context: object): Use => ({
  bytes: 0,
  fields: 0,
  turns: 0,
  startMs: cpuMs(),
  waits: 0,
  waitingSinceMs: 0,
}))

/** About as many bytes as the response to an operation has so far. */
export function answerBytes(context: object): number {
  return useOf(context).bytes
}

/** To read the clock of the processor takes some microseconds. */
const fieldsPerLook = 128

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
    if (info.operation.operation !== OperationTypeNode.QUERY) return resolve(root, args, context, info)
    const use = useOf(context)
    use.bytes += 16
    if (++use.fields % fieldsPerLook === 0) checkTime(context)
    const value = resolve(root, args, context, info)
    return value instanceof Promise ? value.then((later: unknown) => inTurn(context, later, info)) : value
  }
}

/** Fields of a response that are built in one turn of the event loop, some ten milliseconds. */
const fieldsPerTurn = 3_000

/** Turns that have started or are to come, and the fields of those that have been given out. */
const turnsOf = perOperation((_context: object) => ({ fields: 0, turns: [Promise.resolve()] }))

/**
 * What was loaded, at its turn. The lists of many parents are loaded together and arrive in the same moment: without
 * turns, all other requests would wait until the whole response is built. The turn depends on the number of fields
 * alone, so that an operation runs the same statements on any machine.
 */
function inTurn(context: object, value: unknown, info: GraphQLResolveInfo): unknown {
  const given = turnsOf(context)
  given.fields += countItems(value, 4) * countFields(info.fieldNodes, info)
  const turn = Math.floor(given.fields / fieldsPerTurn)
  if (turn === 0) return value
  while (given.turns.length <= turn) {
    const before = given.turns.at(-1) ?? Promise.resolve()
    given.turns.push(before.then(() => passTurn(context)))
  }
  return given.turns[turn]?.then(() => value)
}

/** Let others run. The rest of this turn is the operation's own: it ends before the next tick. */
export async function passTurn(context: object): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve))
  await waitElsewhere(context, nextTurn(useOf(context).turns++))
}

/** Items of the lists in a value, to some depth; at least 1. */
function countItems(value: unknown, depth: number): number {
  if (depth === 0 || typeof value !== 'object' || value === null) return 1
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countItems(item, depth - 1), 1)
  let sum = 1
  for (const part of Object.values(value)) if (Array.isArray(part)) sum += countItems(part, depth - 1)
  return sum
}

const fieldCounts = new WeakMap<readonly FieldNode[], number>()

/** Fields that are selected within some fields. */
function countFields(nodes: readonly FieldNode[], { fragments }: GraphQLResolveInfo): number {
  const known = fieldCounts.get(nodes)
  if (known !== undefined) return known
  const countIn = ({ selectionSet }: { selectionSet?: SelectionSetNode | undefined }): number =>
    (selectionSet?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + 1 + countIn(selection)
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + countIn(selection)
      return sum + countIn(fragments[selection.name.value] ?? {})
    }, 0)
  const count = nodes.reduce((sum, node) => sum + countIn(node), 0)
  fieldCounts.set(nodes, count)
  return count
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
