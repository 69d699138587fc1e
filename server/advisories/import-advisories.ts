import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { MalformedError } from '../errors.ts'
import type { OsvAdvisory } from '../formats/osv/advisory.ts'
import { parseOsv } from '../formats/osv/parse-osv.ts'
import { severityOf } from '../formats/osv/severity.ts'
import { opamEcosystem } from '../package-sets/store-components.ts'
import { slicesOf } from '../slices.ts'
import { announceMatches } from './announce-matches.ts'
import { printContent } from './advisory-content.ts'
import { matchAdvisory } from './match-sets.ts'
import type { FeedFile } from './read-feed.ts'

/** What became of the files of a feed. */
export type FeedReport = {
  added: string[]
  changed: string[]
  unchangedCount: number
  /** Files about packages of other systems. */
  foreignCount: number
  /** Advisories of an earlier import from there that it has no more. */
  goneCount: number
  faults: { name: string; reason: string }[]
}

/** Uploads wait while a transaction runs. */
const advisoriesPerTransaction = 20
const maxFaults = 100

/**
 * Takes in the advisories of a feed: new ones, and those that are newer than what the site has. `source` names the feed. Advisories that it
 * had before, and has no more, stay, and are marked. Files that cannot be read are reported.
 */
export async function importAdvisories(
  { writer }: { writer: Writer },
  act: Act,
  source: string,
  files: AsyncIterable<FeedFile>,
  now: Date,
): Promise<FeedReport> {
  const report: FeedReport = {
    ...{ added: [], changed: [], unchangedCount: 0, foreignCount: 0, goneCount: 0, faults: [] },
  }
  const advisories = await readAll(files, report)
  for (const slice of slicesOf(advisories, advisoriesPerTransaction))
    await writer
      .transact(['facts', 'tasks'], async (tx) => {
        const before = new Map(
          (
            await tx.advisory.findMany({
              where: { id: { in: slice.map(({ id }) => id) } },
              select: { id: true, modifiedAt: true },
            })
          ).map(({ id, modifiedAt }) => [id, modifiedAt]),
        )
        const isNewer = ({ id, modified }: OsvAdvisory) => !((before.get(id) ?? 0) >= modified)
        const newer = slice.filter(isNewer)
        for (const advisory of newer) await put(tx, advisory, source, now)
        await announceMatches(
          tx,
          newer.map(({ id }) => id),
          now,
        )
        return { newer, before }
      })
      .then(({ newer, before }) => {
        for (const { id } of newer) (before.has(id) ? report.changed : report.added).push(id)
        report.unchangedCount += slice.length - newer.length
      })
  report.goneCount = await markGone(writer, act, source, advisories, report)
  return report
}

async function readAll(files: AsyncIterable<FeedFile>, report: FeedReport): Promise<OsvAdvisory[]> {
  const found = new Map<string, OsvAdvisory>()
  for await (const { name, bytes } of files) {
    try {
      const advisory = parseOsv(bytes)
      const isOpam = advisory.affected.some(({ ecosystem }) => ecosystem === opamEcosystem)
      if (isOpam) found.set(advisory.id, advisory)
      else report.foreignCount += 1
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      if (report.faults.length < maxFaults) report.faults.push({ name, reason: error.reason })
    }
  }
  return [...found.values()]
}

async function put(tx: Transaction, advisory: OsvAdvisory, source: string, now: Date): Promise<void> {
  const { id, modified, published, withdrawn, summary, affected } = advisory
  const severity = severityOf(advisory)
  const content = printContent(advisory)
  const data = {
    ...{ modifiedAt: modified, publishedAt: published, withdrawnAt: withdrawn, summary, content },
    ...{ severity: severity?.word ?? null, score: severity?.score ?? null },
    ...{ importedAt: now, source, isListed: true },
  }
  await tx.advisory.upsert({ where: { id }, create: { id, ...data }, update: data, select: { id: true } })
  await tx.advisoryPackage.deleteMany({ where: { advisoryId: id } })
  const names = [...new Set(affected.map(({ ecosystem, name }) => JSON.stringify([ecosystem, name])))]
  await tx.advisoryPackage.createMany({
    data: names.map((key) => {
      const [ecosystem, name] = JSON.parse(key) as [string, string]
      const own = affected.filter((one) => one.ecosystem === ecosystem && one.name === name)
      const bindings = JSON.stringify(own.flatMap((one) => one.bindings))
      return { advisoryId: id, ecosystem, name, bindings }
    }),
  })
  await matchAdvisory(tx, { id, content, isWithdrawn: withdrawn !== null })
}

/** Writes the audit, too. */
async function markGone(
  writer: Writer,
  act: Act,
  source: string,
  advisories: readonly OsvAdvisory[],
  report: FeedReport,
): Promise<number> {
  return writer.transact(['facts'], async (tx) => {
    const listed = new Set(advisories.map(({ id }) => id))
    const known = await tx.advisory.findMany({ where: { source }, select: { id: true, isListed: true } })
    const gone = known.filter(({ id, isListed }) => isListed && !listed.has(id))
    const back = known.filter(({ id, isListed }) => !isListed && listed.has(id))
    for (const [rows, isListed] of [[gone, false] as const, [back, true] as const])
      for (const slice of slicesOf(rows, 500))
        await tx.advisory.updateMany({
          where: { id: { in: slice.map(({ id }) => id) } },
          data: { isListed },
        })
    const { added, changed } = report
    const detail = { source, added: added.length, changed: changed.length, gone: gone.length }
    await recordAudit(tx, { ...act, action: 'advisory.import', detail })
    return gone.length
  })
}
