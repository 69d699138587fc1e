import { listKnownPackages } from '../package-sets/list-known-packages.ts'
import { findUses } from '../package-sets/find-uses.ts'
import { findVersions, keyOfPackage } from '../package-sets/find-versions.ts'
import { buildPath, packagePath } from '../paths.ts'
import { visibleText } from '../visible-text.ts'
import type { PageFinder } from './find-page.ts'
import { element, nameElement } from './html.ts'

const packagesOfList = 1_000

/** The packages that builds have, or had. */
export const findPackagesPage: PageFinder = async ({ db }) => {
  const page = { limit: packagesOfList, backward: false, after: null, before: null }
  const found = await listKnownPackages(db, {}, page)
  const lines = found.map(({ ecosystem, name }) =>
    element(
      'li',
      {},
      element('a', { href: packagePath(ecosystem, name) }, nameElement(name)),
      ` (${ecosystem})`,
    ),
  )
  return {
    title: 'Packages',
    description: 'The packages that builds of this site are made of, and which jobs have them.',
    path: '/packages',
    content: [
      lines.length > 0 ? element('ul', {}, ...lines) : element('p', {}, 'No packages are known yet.'),
    ],
  }
}

/** A package, and the newest builds that have it. */
export const findPackagePage: PageFinder = async ({ db }, { ecosystem = '', name = '' }) => {
  const key = { ecosystem, name }
  const versions = (await findVersions(db, [key])).get(keyOfPackage(key))
  if (!versions) return null
  const versionOf = new Map(versions.map(({ id, version }) => [id, version]))
  const uses = await findUses(db, [...versionOf.keys()])
  const lines = uses.map(({ job, platform, uuid, versionId }) =>
    element(
      'li',
      {},
      element('a', { href: buildPath(job, uuid) }, nameElement(job)),
      ' on ',
      nameElement(platform),
      `: ${visibleText(versionOf.get(versionId) ?? '')}`,
    ),
  )
  return {
    title: name,
    description: `Which jobs have the ${visibleText(ecosystem)} package ${visibleText(name)}, and in which version.`,
    path: packagePath(ecosystem, name),
    content: [
      element('p', {}, `Versions: ${versions.map(({ version }) => visibleText(version)).join(', ')}`),
      lines.length > 0
        ? element('ul', {}, ...lines)
        : element('p', {}, 'No newest build of a job has it now.'),
    ],
  }
}
