import type { Element, ElementContent, Root, RootContent } from 'hast'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'

const printer = unified().use(rehypeStringify).freeze()

/** An element of HTML; strings are text, whatever they hold. */
export function element(
  tagName: string,
  properties: Element['properties'],
  ...children: (ElementContent | string)[]
): Element {
  const toContent = (child: ElementContent | string): ElementContent =>
    typeof child === 'string' ? { type: 'text', value: child } : child
  return { type: 'element', tagName, properties, children: children.map(toContent) }
}

/** Elements as HTML text. */
export function printHtml(children: RootContent[]): string {
  const root: Root = { type: 'root', children }
  return printer.stringify(root)
}
