import DataLoader from 'dataloader'
import type { Reader } from '../database/reader.ts'
import type { Page } from '../page.ts'
import { readDefinition } from './definition.ts'
import { describeDefinition } from './describe-definition.ts'
import { readScripts } from './read-info.ts'
import type { TemplateKind } from './templates.ts'

/** What a schedule or a template was from some time on. */
export type Version = {
  version: number
  at: Date
  /** Name of the user who has changed it. */
  actor: string | null
  isRemoval: boolean
  /** It as text; null: it was removed. */
  readText: () => Promise<string | null>
  /** The same of the version before; null also if there was none. */
  readTextBefore: () => Promise<string | null>
}

/** A longer script, or template, is cut there. */
const maxTextBytes = 256 * 1024

type Asked = {
  where: { version: { lt?: number; gt?: number } }
  orderBy: { version: 'asc' | 'desc' }
  take: number
}
type Row = { version: number; at: Date; actor: string | null; isRemoval: boolean }

/** The versions of the schedule of a job, the newest first, and one more if it exists. */
export async function findScheduleVersions(db: Reader, job: string, page: Page<number>): Promise<Version[]> {
  const rows = await findNewestFirst(page, async ({ where, ...asked }) => {
    const found = await db.scheduleVersion.findMany({ ...asked, where: { job, ...where } })
    return found.map((row) => ({ ...row, isRemoval: row.definition === null }))
  })
  const texts = new DataLoader<number, string | null>(async (versions) => {
    const found = await db.scheduleVersion.findMany({ where: { job, version: { in: [...versions] } } })
    const definitions = new Map(
      found.map(({ version, definition }) => [version, definition && readDefinition(definition)]),
    )
    const hashes = [...definitions.values()].flatMap((one) =>
      one && one.work.kind === 'SCRIPT' ? [one.work.scriptSha256] : [],
    )
    const scripts = await readScripts(db, hashes)
    return versions.map((version) => {
      const definition = definitions.get(version)
      if (!definition) return null
      const { work } = definition
      const script = work.kind === 'SCRIPT' ? scripts(work.scriptSha256).subarray(0, maxTextBytes) : null
      return describeDefinition(definition, script)
    })
  })
  return rows.map((row) => withTexts(row, texts))
}

/** The versions of a template in the database, the newest first, and one more if it exists. */
export async function findTemplateVersions(
  db: Reader,
  { kind, platform }: { kind: TemplateKind; platform: string },
  page: Page<number>,
): Promise<Version[]> {
  const rows = await findNewestFirst(page, async ({ where, ...asked }) => {
    const removals = { kind, platform, content: null, ...where }
    const select = { version: true, at: true, actor: true }
    const found = await db.template.findMany({ ...asked, where: { kind, platform, ...where }, select })
    const removed = await db.template.findMany({ where: removals, select: { version: true } })
    const removedVersions = new Set(removed.map(({ version }) => version))
    return found.map((row) => ({ ...row, isRemoval: removedVersions.has(row.version) }))
  })
  const texts = new DataLoader<number, string | null>(async (versions) => {
    const found = await db.template.findMany({ where: { kind, platform, version: { in: [...versions] } } })
    const contents = new Map(found.map(({ version, content }) => [version, content]))
    return versions.map((version) => contents.get(version)?.slice(0, maxTextBytes) ?? null)
  })
  return rows.map((row) => withTexts(row, texts))
}

async function findNewestFirst(
  { after, backward, before, limit }: Page<number>,
  find: (asked: Asked) => Promise<Row[]>,
): Promise<Row[]> {
  const version = { ...(after === null ? {} : { lt: after }), ...(before === null ? {} : { gt: before }) }
  const rows = await find({
    where: { version },
    orderBy: { version: backward ? 'asc' : 'desc' },
    take: limit + 1,
  })
  return backward ? rows.toReversed() : rows
}

const withTexts = (
  { version, at, actor, isRemoval }: Row,
  texts: DataLoader<number, string | null>,
): Version => ({
  ...{ version, at, actor, isRemoval },
  readText: () => texts.load(version),
  readTextBefore: () => (version === 1 ? Promise.resolve(null) : texts.load(version - 1)),
})
