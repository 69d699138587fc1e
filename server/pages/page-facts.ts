import type { Element, ElementContent } from 'hast'
import { visibleText } from '../visible-text.ts'
import { element, printHtml } from './html.ts'

/** Content of a page for clients without JavaScript, and for those that read only its head. */
export type PageFacts = {
  /** Title without the name of the site. */
  title: string
  /** One sentence, for search engines and previews of links. */
  description: string
  /** Canonical path of the page. */
  path: string
  feed?: { path: string; title: string }
  /** A part is missing because it took too long. A later request may have it. */
  isPartial?: boolean
  /** What the page was about was removed: the answer has the status 410. */
  isGone?: boolean
  /** Search engines are asked not to index the page. */
  isUnlisted?: boolean
  content: ElementContent[]
}

const siteName = 'Builder Hub'
const maxDescription = 300

/**
 * The HTML of a page: the file of the web application with the head of the page, and its facts in `<noscript>`.
 * Comments in the file mark the places. `site` is the address of the site, for absolute URLs.
 */
export function fillPage(html: string, site: string, facts: PageFacts): string {
  return html
    .replace(/<!--page-head-->.*<!--\/page-head-->/s, () => printHtml(headOf(site, facts)))
    .replace('<!--page-facts-->', () => printHtml(factsOf(facts)))
}

/** The web application removes elements with `data-page` when it navigates to another page. */
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
    element('a', { href: '/platforms' }, 'platforms'),
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
