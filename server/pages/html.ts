import type { Element, ElementContent, Root, RootContent } from 'hast'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'
import { visibleName, visibleText } from '../visible-text.ts'

const printer = unified().use(rehypeStringify).freeze()

/** An HTML element. Strings are text and are escaped. Hidden characters are shown by their code points. */
export function element(
  tagName: string,
  properties: Element['properties'],
  ...children: (ElementContent | string)[]
): Element {
  const toContent = (child: ElementContent | string): ElementContent =>
    typeof child === 'string' ? { type: 'text', value: visibleText(child) } : child
  return { type: 'element', tagName, properties, children: children.map(toContent) }
}

/** A name or path that an uploader chose. It is isolated, so that it does not reorder the text around it. */
export function nameElement(name: string): Element {
  return element('bdi', {}, visibleName(name))
}

/** Serializes elements to HTML. */
export function printHtml(children: RootContent[]): string {
  const root: Root = { type: 'root', children }
  return printer.stringify(root)
}
