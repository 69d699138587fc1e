import type { Element, ElementContent } from 'hast'
import { visibleText } from '../visible-text.ts'
import { element, printHtml } from './html.ts'

/** What a page tells without JavaScript, and to those who only read its head. */
export type PageFacts = {
  /** Without the site's name. */
  title: string
  /** One sentence, for search engines and previews of links. */
  description: string
  /** The address that the page is known by, without the site. */
  path: string
  feed?: { path: string; title: string }
  /** Something took too long to be told; a later request may find it. */
  isPartial?: boolean
  /** Search engines are asked to leave it out. */
  isUnlisted?: boolean
  content: ElementContent[]
}

const siteName = 'Builder Hub'
const maxDescription = 300

/**
 * A page's HTML: the application's file with the page's own head, and its facts in `<noscript>`. The file
 * marks the places with comments. `site`: where it is reached, for addresses that leave it.
 */
export function fillPage(html: string, site: string, facts: PageFacts): string {
  return html
    .replace(/<!--page-head-->.*<!--\/page-head-->/s, () => printHtml(headOf(site, facts)))
    .replace('<!--page-facts-->', () => printHtml(factsOf(facts)))
}

/** The application takes out what has `data-page` when it goes to another page. */
function headOf(site: string, facts: PageFacts): Element[] {
  const title = facts.title === siteName ? siteName : `${facts.title} · ${siteName}`
  const description = cut(facts.description)
  const url = site + facts.path
  const meta = (properties: Element['properties']) => element('meta', { ...properties, dataPage: '' })
  return [
    element('title', {}, title),
    meta({ name: 'description', content: description }),
    meta({ property: 'og:site_name', content: siteName }),
    meta({ property: 'og:type', content: 'website' }),
    meta({ property: 'og:title', content: visibleText(facts.title) }),
    meta({ property: 'og:description', content: description }),
    meta({ property: 'og:url', content: url }),
    ...(facts.isUnlisted ? [meta({ name: 'robots', content: 'noindex' })] : []),
    element('link', { rel: ['canonical'], href: url, dataPage: '' }),
    ...(facts.feed
      ? [
          element('link', {
            rel: ['alternate'],
            type: 'application/atom+xml',
            title: visibleText(facts.feed.title),
            href: facts.feed.path,
            dataPage: '',
          }),
        ]
      : []),
  ]
}

function factsOf({ title, feed, content }: PageFacts): Element[] {
  const links = [
    element('a', { href: '/' }, 'jobs'),
    element('a', { href: '/failed-builds' }, 'failed builds'),
    ...(feed ? [element('a', { href: feed.path }, 'feed')] : []),
    element('a', { href: '/graphql' }, 'API'),
  ]
  return [
    element('main', {}, element('h1', {}, title), ...content),
    element('nav', {}, ...links.flatMap((link, index) => (index === 0 ? [link] : [' · ', link]))),
  ]
}

function cut(text: string): string {
  const shown = visibleText(text).replace(/\s+/g, ' ').trim()
  // Not within a character of two units.
  return shown.length > maxDescription
    ? `${shown.slice(0, maxDescription - 1).replace(/\p{Cs}$/u, '')}…`
    : shown
}
