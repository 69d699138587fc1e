import GithubSlugger from 'github-slugger'
import type { Element, ElementContent, Nodes, Root } from 'hast'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'
import { showAsItIs } from './show-as-it-is.ts'

/** Prefix that the allow-list adds to ids and names, so that they do not clash with those of the page. */
const idPrefix = 'user-content-'

const absolute = /^(https?:|mailto:)/i

/**
 * Links lead to the web or into the page; a readme's relative ones would lead into the hub.
 * Pictures of other sites become links to them: a page must not tell strangers who looks at it.
 */
function tameReferences() {
  return (tree: Root) => {
    visit(tree, 'element', (element: Element) => {
      if (element.tagName === 'a') {
        tameLink(element)
        visit(element, { type: 'element', tagName: 'img' }, (image: Element) => imageToLink(image, true))
      }
      if (element.tagName === 'img') imageToLink(element, false)
    })
  }
}

function tameLink(element: Element): void {
  const href = String(element.properties['href'] ?? '')
  if (absolute.test(href)) {
    element.properties['rel'] = ['noopener', 'noreferrer', 'nofollow']
  } else if (href.startsWith('#')) {
    element.properties['href'] =
      href === '#' || href.startsWith(`#${idPrefix}`) ? href : `#${idPrefix}${href.slice(1)}`
  } else {
    delete element.properties['href']
  }
}

/** A picture within a link is its text: a link within a link would end the outer one. */
function imageToLink(element: Element, isInLink: boolean): void {
  const { src, alt } = element.properties
  const text: ElementContent = { type: 'text', value: String(alt || 'picture') }
  const isLink = !isInLink && typeof src === 'string' && /^https?:/i.test(src)
  element.tagName = isLink ? 'a' : 'span'
  element.properties = isLink ? { href: src, rel: ['noopener', 'noreferrer', 'nofollow'] } : {}
  element.children = [text]
}

/** Headings without an id get the one that GitHub gives them: links of the readme lead to it. */
function nameHeadings() {
  return (tree: Root) => {
    const slugger = new GithubSlugger()
    visit(tree, 'element', (element: Element) => {
      if (!/^h[1-6]$/.test(element.tagName)) return
      const slug = slugger.slug(textOf(element))
      if (slug !== '') element.properties['id'] ??= slug
    })
  }
}

function textOf(node: Nodes): string {
  if (node.type === 'text') return node.value
  return 'children' in node ? node.children.map(textOf).join('') : ''
}

const alertTitles: Record<string, string> = {
  note: 'Note',
  tip: 'Tip',
  important: 'Important',
  warning: 'Warning',
  caution: 'Caution',
}

/** A quote that begins with a line `[!NOTE]` is one of GitHub's five alerts. */
function markAlerts() {
  return (tree: Root) => {
    visit(tree, 'element', (quote: Element) => {
      if (quote.tagName !== 'blockquote') return
      const paragraph = quote.children.find((child): child is Element => child.type === 'element')
      const [first] = paragraph?.tagName === 'p' ? paragraph.children : []
      if (!paragraph || first?.type !== 'text') return
      const found = /^\s*\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)/i.exec(first.value)
      const kind = found?.[1]?.toLowerCase()
      // The mark has its line for itself, and something follows it.
      const isAlone =
        found &&
        (found[0].endsWith('\n') || isBreak(paragraph.children[1]) || paragraph.children.length === 1)
      if (!found || !kind || !isAlone) return
      first.value = first.value.slice(found[0].length)
      if (first.value === '') paragraph.children.splice(0, isBreak(paragraph.children[1]) ? 2 : 1)
      if (!hasText(quote)) {
        first.value = found[0] + first.value
        if (!paragraph.children.includes(first)) paragraph.children.unshift(first)
        return
      }
      if (paragraph.children.length === 0) quote.children.splice(quote.children.indexOf(paragraph), 1)
      quote.tagName = 'div'
      quote.properties = { className: ['markdown-alert', `markdown-alert-${kind}`] }
      quote.children.unshift({
        type: 'element',
        tagName: 'p',
        properties: { className: ['markdown-alert-title'] },
        children: [{ type: 'text', value: alertTitles[kind] ?? kind }],
      })
    })
  }
}

function isBreak(node: ElementContent | undefined): boolean {
  return node?.type === 'element' && node.tagName === 'br'
}

function hasText(node: Nodes): boolean {
  return textOf(node).trim() !== ''
}

const blocks = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'li',
  'blockquote',
  'td',
  'th',
  'dt',
  'dd',
  'summary',
])

/** Each block is written in the direction of its first strong letter: the language of a readme is not known. */
function chooseDirections() {
  return (tree: Root) => {
    visit(tree, 'element', (element: Element) => {
      if (blocks.has(element.tagName)) element.properties['dir'] ??= 'auto'
    })
  }
}

/** Headings of a readme stand below the page's own. */
function lowerHeadings() {
  return (tree: Root) => {
    visit(tree, 'element', (element: Element) => {
      const level = /^h([1-6])$/.exec(element.tagName)?.[1]
      if (level) element.tagName = `h${Math.min(Number(level) + 1, 6)}`
    })
  }
}

const pipeline = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true, clobberPrefix: '' })
  .use(rehypeRaw)
  // Before the allow-list, which puts its prefix in front of ids.
  .use(nameHeadings)
  // GitHub's allow-list.
  .use(rehypeSanitize, { ...defaultSchema, clobberPrefix: idPrefix, strip: ['script', 'style'] })
  .use(tameReferences)
  // After pictures have become text: an alert may hold nothing else.
  .use(markAlerts)
  .use(chooseDirections)
  .use(lowerHeadings)
  .use(rehypeStringify)

/**
 * GitHub Flavored Markdown as HTML that is safe to embed, whatever it holds.
 *
 * Some texts take minutes, such as `](` a hundred thousand times: run it where it can be stopped.
 * What takes more stack than there is, such as ten thousand quotes in each other, is shown as it is.
 */
export function renderMarkdown(markdown: string): string {
  try {
    return String(pipeline.processSync(markdown))
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('call stack'))
      return showAsItIs(markdown, 'it is nested too deeply')
    throw error
  }
}
