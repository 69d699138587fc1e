import { Feed } from 'feed'
import { groupBy } from '../group-by.ts'
import { escapeHtml } from '../feeds/feed.ts'
import { xmlText } from '../feeds/xml-text.ts'
import { buildPath } from '../paths.ts'
import type { ListedAdvisory } from './list-advisories.ts'

const maxNamed = 50

/** Advisories that newest builds are affected by, as an Atom feed. An entry is updated with its advisory. Source: RFC 4287. */
export function advisoryFeed(site: string, advisories: readonly ListedAdvisory[]): string {
  const url = (id: string) => `${site}/advisories/${encodeURIComponent(id)}`
  const feed = new Feed({
    title: 'Known issues · Builder Hub',
    id: `${site}/advisories.atom`,
    author: { name: 'Builder Hub', link: site },
    link: `${site}/advisories`,
    feedLinks: { atom: `${site}/advisories.atom` },
    updated: new Date(Math.max(0, ...advisories.map(({ modifiedAt }) => modifiedAt.getTime()))),
    generator: 'Builder Hub',
    copyright: '',
  })
  for (const { id, summary, severity, modifiedAt, publishedAt, affected } of advisories) {
    const jobs = [...groupBy(affected, ({ job }) => job)].slice(0, maxNamed)
    const lines = jobs.map(([job, builds]) => {
      const [newest] = builds
      const text = escapeHtml(job)
      return newest ? `<li><a href="${escapeHtml(site + buildPath(job, newest.uuid))}">${text}</a></li>` : ''
    })
    feed.addItem({
      title: escapeHtml(`${id}: ${summary}`),
      id: url(id),
      link: url(id),
      date: modifiedAt,
      ...(publishedAt ? { published: publishedAt } : {}),
      content: `<p>${escapeHtml(xmlText(summary))} Severity: ${severity?.toLowerCase() ?? 'not told'}.</p><p>Newest builds with it:</p><ul>${lines.join('')}</ul>`,
    })
  }
  return feed.atom1()
}
