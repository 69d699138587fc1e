import type { Element, ElementContent } from 'hast'
import { visibleText } from '../visible-text.ts'
import { element, printHtml } from './html.ts'
import type { FirstPage } from './render-page.ts'

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
 * The HTML of a page: the file of the web application with the head of the page, and the page as it is first drawn; if it is not
 * drawn, its facts in `<noscript>`. Comments in the file mark the places. `site` is the address of the site, for absolute URLs.
 */
export function fillPage(html: string, site: string, facts: PageFacts, first: FirstPage | null): string {
  const filled = html
    .replace(/<!--page-head-->.*<!--\/page-head-->/s, () => printHtml(headOf(site, facts)))
    // After what the first paint needs.
    .replace('</head>', () => `${printHtml((first?.scripts ?? []).map(preload))}</head>`)
  if (!first) return filled.replace('<!--page-facts-->', () => printHtml(factsOf(facts)))
  const data =
    `<script type="application/json" id="first-page">${first.json}</script>` +
    '<script defer src="/apply-styles.js"></script>'
  return filled
    .replace('<div id="app"></div>', () => `<div id="app">${first.markup}</div>${data}`)
    .replace('<noscript><!--page-facts--></noscript>', '')
}

const preload = (href: string) => element('link', { rel: ['modulepreload'], fetchPriority: 'low', href })

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
    element(
      'form',
      { action: '/search', role: 'search' },
      element('input', { type: 'search', name: 'q', ariaLabel: 'Search' }),
      ' ',
      element('button', {}, 'Search'),
    ),
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
