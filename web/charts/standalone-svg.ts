import { wrapWords } from './wrap-words.ts'

/** Texts that a saved picture contains in addition to its drawing. */
export type Legend = { title: string; summary: string; source: string }

/** Inherited CSS properties that are also attributes in SVG. */
const inherited = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'letter-spacing',
  'text-anchor',
  'dominant-baseline',
  'visibility',
]
const own: Record<string, string> = { opacity: '1', 'stop-color': 'rgb(0, 0, 0)', 'stop-opacity': '1' }
const colours = new Set(['fill', 'stroke', 'stop-color'])

const namespace = 'http://www.w3.org/2000/svg'
const padding = 16

/**
 * A copy of a drawing that looks the same without the page: styles are attributes with sRGB colours (which other
 * programs support), links are absolute, and title, summary and source are included. Elements with
 * `data-screen-only`, such as focus rings, are left out. Use attributes for positions: `transform` in a style sheet
 * is not copied.
 */
export function standaloneSvg(drawing: SVGSVGElement, { title, summary, source }: Legend): SVGSVGElement {
  const copy = drawing.cloneNode(true) as SVGSVGElement
  if (drawing.isConnected) copyStyles(drawing, copy, null)
  removeBehaviour(copy)

  const box = drawing.viewBox.baseVal
  const width = box && box.width > 0 ? box.width : drawing.clientWidth
  const height = box && box.height > 0 ? box.height : drawing.clientHeight
  const outerWidth = Math.max(width, 320) + 2 * padding
  const family = getComputedStyle(document.body).fontFamily

  const frame = create('svg', { xmlns: namespace, 'font-family': family })
  frame.append(create('title', {}, title), create('desc', {}, summary))
  frame.append(create('rect', { width: '100%', height: '100%', fill: readToken('surface') }))
  let y = padding
  const write = (text: string, size: number, weight: number, fill: string) => {
    const measure = measureIn(`${weight} ${size}px ${family}`)
    for (const line of wrapWords(text, outerWidth - 2 * padding, measure)) {
      const lineHeight = Math.round(size * 1.4)
      const at = { x: padding, y: y + size, 'font-size': size, 'font-weight': weight, fill }
      frame.append(create('text', at, line))
      y += lineHeight
    }
  }
  write(title, 16, 600, readToken('text'))
  write(summary, 12, 400, readToken('quiet'))
  y += 8
  for (const [name, value] of Object.entries({ x: padding, y, width, height }))
    copy.setAttribute(name, String(value))
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`)
  frame.append(copy)
  y += height + 8
  write(source, 11, 400, readToken('quiet'))
  const outerHeight = y + padding - 4
  for (const [name, value] of Object.entries({ width: outerWidth, height: outerHeight }))
    frame.setAttribute(name, String(value))
  frame.setAttribute('viewBox', `0 0 ${outerWidth} ${outerHeight}`)
  return frame
}

function create<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
  text = '',
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(namespace, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  element.textContent = text
  return element
}

function measureIn(font: string): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d')
  if (!context) throw new Error('this browser gives no canvas')
  context.font = font
  return (text) => context.measureText(text).width
}

function copyStyles(from: Element, to: Element, parent: CSSStyleDeclaration | null): void {
  const style = getComputedStyle(from)
  for (const name of inherited) {
    const value = style.getPropertyValue(name)
    if (parent?.getPropertyValue(name) === value) to.removeAttribute(name)
    else to.setAttribute(name, colours.has(name) ? toSrgb(value) : value)
  }
  for (const [name, initial] of Object.entries(own)) {
    const value = style.getPropertyValue(name)
    if (value === initial) to.removeAttribute(name)
    else to.setAttribute(name, colours.has(name) ? toSrgb(value) : value)
  }
  const copies = [...to.children]
  for (const [index, child] of [...from.children].entries()) {
    const copy = copies[index]
    if (!copy) continue
    if (child.hasAttribute('data-screen-only') || getComputedStyle(child).display === 'none') copy.remove()
    else copyStyles(child, copy, style)
  }
}

/** Attributes that have an effect only in the page or in its style sheet. */
function removeBehaviour(root: Element): void {
  for (const element of [root, ...root.querySelectorAll('*')]) {
    for (const { name } of [...element.attributes])
      if (
        /^(class|style|tabindex|role|id|data-.*|aria-.*|on.*)$/.test(name) &&
        !isReferred(root, element, name)
      )
        element.removeAttribute(name)
    const href = element.getAttribute('href')
    if (href !== null && element.localName === 'a')
      element.setAttribute('href', new URL(href, location.href).href)
  }
}

/** Renames ids, by which gradients, clip paths and markers are referenced. */
function isReferred(root: Element, element: Element, attribute: string): boolean {
  return attribute === 'id' && root.querySelector('defs')?.contains(element) === true
}

const known = new Map<string, string>()

/** A colour of theme.css in the current theme. */
function readToken(name: string): string {
  const probe = document.createElement('span')
  // A custom property has its text as the value. Only the value of a real property is computed.
  probe.style.color = `var(--color-${name})`
  document.body.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return toSrgb(colour)
}

/** A colour as `#rrggbb` or `rgb(… / …)`, whatever its notation; `none` and references (`url(#…)`) stay. */
export function toSrgb(colour: string): string {
  if (colour === 'none' || colour.startsWith('url(')) return colour
  const found = known.get(colour)
  if (found) return found
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('this browser gives no canvas')
  context.fillStyle = colour
  context.fillRect(0, 0, 1, 1)
  const [red = 0, green = 0, blue = 0, alpha = 255] = context.getImageData(0, 0, 1, 1).data
  const hex = [red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')
  const srgb = alpha === 255 ? `#${hex}` : `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`
  known.set(colour, srgb)
  return srgb
}
