import { Feed } from 'feed'
import {
  describeBuild,
  describeClock,
  describeDuration,
  type DescribedBuild,
} from '../builds/describe-build.ts'
import { formatByteSize } from '../byte-size.ts'
import { artifactPath, buildPath } from '../paths.ts'
import { xmlText } from './xml-text.ts'

/** `path` is the page that the feed belongs to, `feedPath` its own address; both without the site. */
export type FeedOf = { title: string; path: string; feedPath: string }

/** A build, and why it failed in words that follow "because"; null: it did not, or the reason is unknown. */
export type FeedBuild = DescribedBuild & { because: string | null }

/**
 * Builds, last received first, as an Atom feed for readers. An entry was updated when the build was received, or
 * when a later build changed its verdict: readers then show it again. Source: RFC 4287.
 */
export function atomFeed(
  site: string,
  { title, path, feedPath }: FeedOf,
  builds: readonly FeedBuild[],
): string {
  const feed = new Feed({
    // The library takes "&amp;" for an ampersand that is escaped already.
    title: xmlText(title).replaceAll('&', '&amp;'),
    id: site + feedPath,
    author: { name: 'Builder Hub', link: site },
    link: site + path,
    feedLinks: { atom: site + feedPath },
    // A feed that has nothing changed never.
    updated: new Date(Math.max(0, ...builds.map((build) => updatedAt(build).getTime()))),
    generator: 'Builder Hub',
    copyright: '',
  })
  for (const build of builds) {
    feed.addItem({
      title: escapeHtml(`${build.job.name} on ${build.platform.name}: ${describeBuild(build)}`),
      id: `urn:uuid:${build.uuid}`,
      link: site + buildPath(build.job.name, build.uuid),
      date: updatedAt(build),
      published: build.startedAt,
      content: contentOf(site, build),
    })
  }
  return feed.atom1()
}

function updatedAt({ receivedAt, verdictAt }: DescribedBuild): Date {
  return verdictAt !== null && verdictAt > receivedAt ? verdictAt : receivedAt
}

function contentOf(site: string, build: FeedBuild): string {
  const { uuid, job, startedAt, because, mainBinaryPath, mainBinarySha256, mainBinarySizeBytes } = build
  const facts = [`<p>Started ${startedAt.toISOString()}, ${describeDuration(build)}.</p>`]
  const clock = describeClock(build)
  if (clock !== null) facts.push(`<p>${clock}</p>`)
  if (because !== null) facts.push(`<p>It failed because ${escapeHtml(because)}.</p>`)
  if (mainBinaryPath !== null && mainBinarySizeBytes !== null) {
    const file = escapeHtml(site + artifactPath(job.name, uuid, mainBinaryPath))
    facts.push(
      `<p><a href="${file}">${escapeHtml(mainBinaryPath)}</a>, ${formatByteSize(mainBinarySizeBytes)}, ` +
        `sha256 <code>${mainBinarySha256}</code></p>`,
    )
  }
  return facts.join('')
}

/**
 * As text of HTML, which the feed's titles and contents are. The library puts it into a CDATA section, and lets a
 * second `]]>` end it: a `>` that is escaped never ends one.
 */
export function escapeHtml(text: string): string {
  return xmlText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
