import type { Command } from 'commander'
import type { Reader } from '../database/reader.ts'
import { describeRanges } from '../advisories/describe-ranges.ts'
import { importAdvisories, type FeedReport } from '../advisories/import-advisories.ts'
import { findAdvisory, findPlaces, listAdvisories } from '../advisories/list-advisories.ts'
import { readContent } from '../advisories/advisory-content.ts'
import { readFeed } from '../advisories/read-feed.ts'
import { visibleText } from '../visible-text.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import {
  describeAdvisory,
  describeWholeAdvisory,
  shownAdvisory,
  type ShownAdvisory,
} from './print-advisories.ts'
import { listAdvisoriesAt, noAdvisory, showAdvisoryAt } from './remote/advisories.ts'
import { onSite } from './remote/on-site.ts'
import { withDatabase } from './with-database.ts'

/** `hub advisories`: import, list, show. */
export function addAdvisoryCommands(hub: Command): void {
  const advisories = hub.command('advisories').description('import and show known issues of packages')
  addImport(advisories)
  addList(advisories)
  addShow(advisories)
}

function addImport(advisories: Command): void {
  addExamples(
    advisories
      .command('import')
      .argument('<paths...>', 'folders, .zip or .tar.gz archives, or files in the format of OSV')
      .description('take in a feed of advisories; those that are known already stay, unless they are older')
      .action(async (paths: string[], _options: unknown, command: Command) => {
        await withDatabase(command, async ({ writer }) => {
          for (const path of paths) {
            const report = await importAdvisories(
              { writer },
              actOfCommand(),
              path,
              readFeed(path),
              new Date(),
            )
            ioOf(command).stdout.write(printReport(path, report))
          }
        })
      }),
    ['hub advisories import security-advisories/', 'hub advisories import all.zip'],
  )
}

function printReport(path: string, report: FeedReport): string {
  const { added, changed, unchangedCount, foreignCount, goneCount, faults } = report
  const parts = [
    `${added.length} new`,
    `${changed.length} changed`,
    `${unchangedCount} known`,
    ...(foreignCount > 0 ? [`${foreignCount} about other systems than opam`] : []),
    ...(goneCount > 0 ? [`${goneCount} not in the feed any more`] : []),
  ]
  const lines = faults.map(({ name, reason }) => `not read: ${visibleText(name)}: ${reason}\n`)
  return `${path}: ${parts.join(', ')}\n${lines.join('')}`
}

function addList(advisories: Command): void {
  advisories
    .command('list')
    .description('print the advisories, those first that newest builds are affected by')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const advisories = await onSite(command, {
        remote: listAdvisoriesAt,
        local: async ({ db }) =>
          (await listAdvisories(db)).map(({ packages, ...own }) => ({
            ...{ ...own, packageNames: packages.map(({ name }) => name) },
          })),
      })
      const none = 'there are no advisories yet: "hub advisories import" takes in a feed\n'
      ioOf(command).stdout.write(
        json ? jsonText(advisories.map(shownAdvisory)) : advisories.map(describeAdvisory).join('') || none,
      )
    })
}

function addShow(advisories: Command): void {
  addExamples(
    advisories
      .command('show')
      .argument('<id>', 'its id')
      .description('print an advisory, and which builds have the issue')
      .action(async (id: string, _options: unknown, command: Command) => {
        const found = await onSite(command, {
          remote: (site) => showAdvisoryAt(site, id),
          local: ({ db }) => readAdvisory(db, id),
        })
        ioOf(command).stdout.write(describeWholeAdvisory(found))
      }),
    ['hub advisories show OSEC-2026-05'],
  )
}

/** Throws FeedError. */
async function readAdvisory(db: Reader, id: string): Promise<ShownAdvisory> {
  const found = await findAdvisory(db, id)
  if (!found) throw noAdvisory(id)
  const { affected, details } = readContent(found.content)
  const { summary, severity, score } = found
  return {
    ...{ id: found.id, summary, severity, score, details, places: await findPlaces(db, id) },
    affected: affected.map((one) => ({ name: one.name, versions: describeRanges(one) })),
  }
}
