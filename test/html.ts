import type { Element, Root } from 'hast'
import rehypeRaw from 'rehype-raw'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'

type Raw = { type: 'raw'; value: string }

/** HTML as a browser without JavaScript reads it. */
export function parseHtml(html: string): Root {
  const raw: Raw = { type: 'raw', value: html }
  return unified()
    .use(rehypeRaw)
    .runSync({ type: 'root', children: [raw] } as unknown as Root)
}

/** The elements with one of these names, in the order of the document. */
export function findElements(tree: Root | Element, ...names: string[]): Element[] {
  const found: Element[] = []
  visit(tree, 'element', (element) => {
    if (names.includes(element.tagName)) found.push(element)
  })
  return found
}

/** All text in it. */
export function textOf(tree: Root | Element): string {
  let text = ''
  visit(tree, 'text', ({ value }) => {
    text += value
  })
  return text
}
