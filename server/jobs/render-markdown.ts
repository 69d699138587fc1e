import type { Element, ElementContent, Root } from 'hast'
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
      if (element.tagName === 'a') tameLink(element)
      if (element.tagName === 'img') imageToLink(element)
    })
  }
}

function tameLink(element: Element): void {
  const href = String(element.properties['href'] ?? '')
  if (absolute.test(href)) {
    element.properties['rel'] = ['noopener', 'noreferrer', 'nofollow']
  } else if (href.startsWith('#')) {
    element.properties['href'] = `#${idPrefix}${href.slice(1)}`
  } else {
    delete element.properties['href']
  }
}

function imageToLink(element: Element): void {
  const { src, alt } = element.properties
  const text: ElementContent = { type: 'text', value: String(alt || 'picture') }
  const isLink = typeof src === 'string' && /^https?:/i.test(src)
  element.tagName = isLink ? 'a' : 'span'
  element.properties = isLink ? { href: src, rel: ['noopener', 'noreferrer', 'nofollow'] } : {}
  element.children = [text]
}

/** Lowers the level of headings, so that they are below the headings of the page. */
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
  // GitHub's allow-list.
  .use(rehypeSanitize, { ...defaultSchema, clobberPrefix: idPrefix, strip: ['script', 'style'] })
  .use(tameReferences)
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
    if (error instanceof RangeError && error.message.includes('call stack')) return showAsItIs(markdown)
    throw error
  }
}
