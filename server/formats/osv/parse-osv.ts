import * as z from 'zod'
import { MalformedError } from '../../errors.ts'
import type { OsvAdvisory, OsvAffected, OsvEvent } from './advisory.ts'

/** Bytes of a file. */
export const maxOsvBytes = 1024 ** 2
const format = 'OSV advisory'
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** PostgreSQL stores no NUL, and neither database half a character. */
const clean = (text: string) => text.replaceAll('\0', '\ufffd').replace(/[\ud800-\udfff]/gu, '\ufffd')
const text = (most: number) => z.string().max(most).transform(clean)
const time = z.iso.datetime({ offset: true }).transform((value) => new Date(value))
const optional = <Shape extends z.ZodType>(shape: Shape) =>
  shape.nullish().transform((value) => value ?? null)
const listOf = <Shape extends z.ZodType>(shape: Shape, most: number) =>
  z
    .array(shape)
    .max(most)
    .nullish()
    .transform((value) => value ?? [])

const eventNames = ['introduced', 'fixed', 'last_affected'] as const

const Range = z.object({
  type: z.string(),
  events: z.array(z.record(z.string(), z.unknown())).max(1_000),
})

const Affected = z.object({
  package: z.object({ ecosystem: text(100), name: z.string().min(1).max(255).transform(clean) }).nullish(),
  ranges: listOf(Range, 100),
  versions: listOf(text(255), 10_000),
  ecosystem_specific: z.looseObject({ affected_bindings: listOf(text(500), 1_000) }).nullish(),
})

const Osv = z.object({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, 'is no id of an advisory'),
  modified: time,
  published: optional(time),
  withdrawn: optional(time),
  aliases: listOf(text(100), 100),
  summary: optional(text(1_000)),
  details: optional(text(500_000)),
  severity: listOf(z.object({ type: text(50), score: text(500) }), 10),
  affected: listOf(Affected, 1_000),
  references: listOf(z.object({ type: text(50), url: text(2_000) }), 200),
  credits: listOf(z.object({ name: text(255) }), 100),
})

/**
 * Reads an advisory in the format of OSV from the bytes of its file. Unknown fields are ignored; ranges of commits, too. Throws MalformedError.
 * Source: https://ossf.github.io/osv-schema/, version 1.7.
 */
export function parseOsv(bytes: Uint8Array): OsvAdvisory {
  if (bytes.length > maxOsvBytes)
    throw new MalformedError(format, maxOsvBytes, `it has more than ${maxOsvBytes} bytes`)
  const parsed = Osv.safeParse(readJson(bytes))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue && issue.path.length > 0 ? issue.path.join('.') : 'it'
    throw new MalformedError(format, 0, `${place}: ${issue?.message ?? 'has another shape'}`)
  }
  const { affected, summary, details, references, credits, ...facts } = parsed.data
  return {
    ...facts,
    summary: summary ?? '',
    details: details ?? '',
    affected: affected.flatMap(affectedOf),
    // Links of a page: no other protocols.
    references: references.filter(({ url }) => /^https?:\/\//i.test(url)),
    credits: credits.map(({ name }) => name),
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    throw new MalformedError(format, 0, 'it is no JSON in UTF-8')
  }
}

function affectedOf(one: z.output<typeof Affected>): OsvAffected[] {
  if (!one.package) return []
  return [
    {
      ...one.package,
      ranges: one.ranges
        // opam has neither numbers of SemVer nor hashes of commits.
        .filter(({ type }) => type === 'ECOSYSTEM')
        .map(({ events }) => events.flatMap(eventOf)),
      versions: one.versions,
      bindings: one.ecosystem_specific?.affected_bindings ?? [],
    },
  ]
}

function eventOf(event: Record<string, unknown>): OsvEvent[] {
  return eventNames.flatMap((kind) => {
    const version = event[kind]
    if (version === undefined) return []
    if (typeof version !== 'string' || version.length > 255)
      throw new MalformedError(format, 0, `the event ${kind} has no version`)
    return [{ kind, version: clean(version) }]
  })
}
