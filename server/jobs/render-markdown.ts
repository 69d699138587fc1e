import type { Element, ElementContent, Root } from 'hast'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'

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
  } else if (!href.startsWith('#')) {
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
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  // GitHub's allow-list; it also prefixes ids, so that none of the page's is taken.
  .use(rehypeSanitize, defaultSchema)
  .use(tameReferences)
  .use(lowerHeadings)
  .use(rehypeStringify)

/** GitHub Flavored Markdown as HTML that is safe to embed, whatever it holds. */
export async function renderMarkdown(markdown: string): Promise<string> {
  return String(await pipeline.process(markdown))
}
