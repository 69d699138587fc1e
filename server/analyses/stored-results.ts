import * as z from 'zod'
import { solo5Targets } from '../formats/solo5.ts'
import type { BinarySize, BinarySizeFacts } from './binary-size/analyse-binary-size.ts'
import { sizeNodeKinds } from './binary-size/size-tree.ts'
import type { DependenciesResult } from './dependencies/analyse-dependencies.ts'
import { packageOrigins } from './dependencies/package-graph.ts'
import type { ConsoleFailure, FailureSummary } from './failure/analyse-failure.ts'
import { failureClasses } from './failure/failure-rule.ts'
import type { ModulesResult } from './modules/list-modules.ts'
import type { Solo5Result } from './solo5/analyse-solo5.ts'

// The shapes of results and summaries in the blob store and the database. A result that does not have
// its shape is treated as missing: the analysis runs again.

const texts = z.array(z.string())
const numbers = z.array(z.number())
const text = z.string().nullable()
const number = z.number().nullable()

export const solo5Result: z.ZodType<Solo5Result> = z.object({
  abi: z.object({ target: z.enum(solo5Targets), version: z.number() }).nullable(),
  manifest: z
    .object({
      version: z.number(),
      devices: z.array(z.object({ name: z.string(), type: z.enum(['BLOCK_BASIC', 'NET_BASIC']) })),
    })
    .nullable(),
  reason: text,
})

export const dependenciesResult: z.ZodType<DependenciesResult> = z.object({
  names: texts,
  versions: z.array(text),
  origins: z.array(z.enum(packageOrigins)),
  sourceUrls: z.array(text),
  isDescribed: z.array(z.boolean()),
  edges: z.object({ from: numbers, to: numbers }),
  parents: numbers,
  dominators: numbers,
  dependencyCounts: numbers,
  dependantCounts: numbers,
})

const sizeFacts = {
  fileSizeBytes: z.number(),
  explainedBytes: z.number(),
  debugBytes: z.number(),
  loadedWithoutSymbolBytes: z.number(),
  otherBytes: z.number(),
  zeroFilledBytes: z.number(),
  foldedBelowBytes: z.number(),
  foldedCount: z.number(),
  foldedBytes: z.number(),
  isElf: z.boolean(),
  hasSymbols: z.boolean(),
  reason: text,
}
const sizeColumns = { names: texts, kinds: z.array(z.enum(sizeNodeKinds)), parents: numbers }

export const binarySizeFacts: z.ZodType<BinarySizeFacts> = z.object(sizeFacts)

export const binarySize: z.ZodType<BinarySize> = z.object({
  ...sizeFacts,
  tree: z.object({
    ...sizeColumns,
    sizes: numbers,
    folded: z
      .array(z.object({ node: z.number(), codeBytes: z.number(), dataBytes: z.number() }))
      .exactOptional(),
  }),
})

const summaryOfFailure = {
  class: z.enum(failureClasses),
  rule: text,
  because: text,
  isWeak: z.boolean(),
  isAtEnd: z.boolean(),
  last: z
    .object({ command: z.string(), line: z.number(), startedSeconds: number, lastSeconds: number })
    .nullable(),
}
const excerpt = z.object({ firstLine: z.number(), lines: texts }).nullable()

export const modulesResult: z.ZodType<ModulesResult> = z.object({ units: texts.nullable() })

export const failureSummary: z.ZodType<FailureSummary> = z.object(summaryOfFailure)

export const consoleFailure: z.ZodType<ConsoleFailure> = z.object({
  ...summaryOfFailure,
  line: number,
  excerpt,
  ending: excerpt,
})

/** Parse stored JSON. Null: it is no JSON, or has another shape. */
export function parseStored<Value>(shape: z.ZodType<Value>, json: string): Value | null {
  try {
    return shape.parse(JSON.parse(json))
  } catch {
    return null
  }
}
