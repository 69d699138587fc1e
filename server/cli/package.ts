import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { DomainError } from '../errors.ts'
import { ecosystemOf } from '../package-sets/ecosystems.ts'
import { findSpans } from '../package-sets/find-spans.ts'
import { findUses } from '../package-sets/find-uses.ts'
import { findAdvisoriesOf, findVersions, keyOfPackage } from '../package-sets/find-versions.ts'
import { listKnownPackages } from '../package-sets/list-known-packages.ts'
import { isInRange, parseVersionRange, VersionRangeError } from '../package-sets/version-range.ts'
import type { VersionRange } from '../package-sets/version-range.ts'
import { visibleText } from '../visible-text.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { onSite } from './remote/on-site.ts'
import { listPackagesAt, showPackageAt, type DescribedPackage } from './remote/packages.ts'

/** No build has, or had, such a package. */
class UnknownPackageError extends DomainError {
  override readonly name = 'UnknownPackageError'
}

/** `hub package`: list, show. */
export function addPackageCommands(hub: Command): void {
  const command = hub.command('package').description('show which builds have which packages')
  addList(command)
  addShow(command)
}

function addList(command: Command): void {
  addExamples(
    command
      .command('list')
      .argument('[text]', 'only packages whose name contains this')
      .description('print the packages that builds have, or had')
      .option('--ecosystem <name>', 'only packages of this ecosystem, such as opam')
      .option('--json', 'print JSON', false)
      .action(async (text: string | undefined, options: ListOptions, command: Command) => {
        const filter = { search: text ?? null, ecosystem: options.ecosystem ?? null }
        const found = await onSite(command, {
          remote: (site) => listPackagesAt(site, filter),
          local: ({ db }) =>
            listKnownPackages(db, filter, {
              ...{ limit: 1_000_000, backward: false, after: null, before: null },
            }),
        })
        const lines = found.map(({ ecosystem, name }) => `${ecosystem} ${visibleText(name)}\n`)
        const { stdout } = ioOf(command)
        if (options.json) stdout.write(`${JSON.stringify(found, null, 2)}\n`)
        else stdout.write(lines.join('') || 'no builds have such packages\n')
      }),
    ['hub package list mirage'],
  )
}

type ListOptions = { ecosystem?: string; json: boolean }

function addShow(command: Command): void {
  addExamples(
    command
      .command('show')
      .argument('<name>', 'its name, exactly')
      .description('print which jobs have a package now, in which version, and its versions over time')
      .option('--ecosystem <name>', 'where it comes from', 'opam')
      .option('--range <range>', 'only jobs with a version in this range', parseRange)
      .option('--json', 'print JSON', false)
      .action(async (name: string, { ecosystem, range, json }: ShowOptions, command: Command) => {
        const found = await onSite(command, {
          remote: (site) => showPackageAt(site, { ecosystem, name }, range ?? null),
          local: ({ db }) => describePackage(db, { ecosystem, name }, range?.parsed),
        })
        if (!found)
          throw new UnknownPackageError(
            `no build has a package ${name} of ${ecosystem}: "hub package list" prints all`,
          )
        ioOf(command).stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : printPackage(found))
      }),
    ['hub package show mirage-crypto', "hub package show ocaml --range '<4.14'"],
  )
}

/** A range of versions as it was given, and as it is meant. */
type GivenRange = { text: string; parsed: VersionRange }
type ShowOptions = { ecosystem: string; range?: GivenRange; json: boolean }

/** Throws InvalidArgumentError. */
function parseRange(text: string): GivenRange {
  try {
    return { text, parsed: parseVersionRange(text) }
  } catch (error) {
    if (error instanceof VersionRangeError) throw new InvalidArgumentError(error.message)
    throw error
  }
}

/** Null: no build has, or had, it. */
async function describePackage(
  db: Reader,
  key: { ecosystem: string; name: string },
  range: VersionRange | undefined,
): Promise<DescribedPackage | null> {
  const versions = (await findVersions(db, [key])).get(keyOfPackage(key))
  if (!versions) return null
  const wanted = range ? versions.filter(({ version }) => isInRange(key.ecosystem, range, version)) : versions
  const ids = wanted.map(({ id }) => id)
  const [uses, spans, advisories] = [
    await findUses(db, ids),
    await findSpans(db, ids),
    await findAdvisoriesOf(db, ids),
  ]
  const versionOf = new Map(versions.map(({ id, version }) => [id, version]))
  const { compare } = ecosystemOf(key.ecosystem)
  const newest = versions[0]?.version ?? ''
  return {
    ...key,
    versions: wanted.map(({ id, version }) => ({
      ...{ version, advisories: advisories.get(id) ?? [] },
      ...{ firstBuild: spans.get(id)?.first ?? null, lastBuild: spans.get(id)?.last ?? null },
    })),
    uses: uses.map(({ versionId, ...use }) => {
      const version = versionOf.get(versionId) ?? ''
      return { ...use, version, isBehind: compare(version, newest) < 0 }
    }),
  }
}

function printPackage({ ecosystem, name, versions, uses }: DescribedPackage): string {
  const lines = [
    `${visibleText(name)} (${ecosystem}): in ${counted(uses.length, 'newest build')}`,
    ...uses.map(
      ({ job, platform, version, isBehind, uuid }) =>
        `  ${visibleText(job)} on ${visibleText(platform)}: ${visibleText(version)}${isBehind ? ', behind' : ''} (${uuid})`,
    ),
    counted(versions.length, 'version'),
    ...versions.map(({ version, firstBuild, lastBuild, advisories }) => {
      const time = firstBuild && lastBuild ? ` ${dayOf(firstBuild)} to ${dayOf(lastBuild)}` : ''
      const issues = advisories.length > 0 ? ` [${advisories.join(', ')}]` : ''
      return `  ${visibleText(version)}${time}${issues}`
    }),
  ]
  return `${lines.join('\n')}\n`
}

const dayOf = ({ startedAt }: { startedAt: Date }) => startedAt.toISOString().slice(0, 10)
