import { findAdvisory, listAdvisories } from '../advisories/list-advisories.ts'
import { buildPath } from '../paths.ts'
import { visibleText } from '../visible-text.ts'
import type { PageFinder } from './find-page.ts'
import { element, nameElement } from './html.ts'

const advisoryPath = (id: string) => `/advisories/${encodeURIComponent(id)}`

/** The advisories that the site knows. */
export const findAdvisoriesPage: PageFinder = async ({ db }) => {
  const lines = (await listAdvisories(db)).map(({ id, summary, affected }) =>
    element(
      'li',
      {},
      element('a', { href: advisoryPath(id) }, id),
      `: ${visibleText(summary)} (${affected.length} newest builds affected)`,
    ),
  )
  return {
    title: 'Known issues',
    description: 'Known issues of packages, and which builds have them.',
    path: '/advisories',
    content: [
      lines.length > 0
        ? element('ul', {}, ...lines)
        : element('p', {}, 'This site has no advisories: nothing is known.'),
    ],
  }
}

/** An advisory, and the newest builds that have the issue. */
export const findAdvisoryPage: PageFinder = async ({ db }, { id = '' }) => {
  const found = await findAdvisory(db, id)
  if (!found) return null
  const lines = found.affected.map(({ job, platform, uuid }) =>
    element(
      'li',
      {},
      element('a', { href: buildPath(job, uuid) }, nameElement(job)),
      ' on ',
      nameElement(platform),
    ),
  )
  return {
    title: found.id,
    description: visibleText(found.summary),
    path: advisoryPath(found.id),
    content: [
      element('p', {}, visibleText(found.summary)),
      lines.length > 0
        ? element('ul', {}, ...lines)
        : element('p', {}, 'No newest build of a job is known to be affected.'),
    ],
  }
}
