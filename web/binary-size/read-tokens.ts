import { toSrgb } from '../charts/standalone-svg.ts'
import { hueCount, parseSrgb, type Tokens } from './treemap-colours.ts'

export type CanvasTokens = Tokens & {
  readonly text: string
  readonly surface: string
  readonly gap: string
  readonly hatching: string
  readonly font: string
}

/** The values of the tokens at `element`, in the current theme. */
export function readTokens(element: HTMLElement): CanvasTokens {
  const probe = document.createElement('span')
  element.append(probe)
  // A custom property has its text as the value. Only the value of a real property is computed.
  const style = getComputedStyle(probe)
  const read = (name: string) => {
    probe.style.color = `var(--${name})`
    return toSrgb(style.color)
  }
  const readTone = (name: string) => parseSrgb(read(name))
  const tokens = {
    hues: Array.from({ length: hueCount }, (_, i) => readTone(`size-${i + 1}`)),
    other: readTone('size-other'),
    unexplained: readTone('size-unexplained'),
    unchanged: readTone('size-unchanged'),
    frame: readTone('size-frame'),
    grew: readTone('size-grew'),
    shrank: readTone('size-shrank'),
    isDark: readTone('color-surface').l < 0.5,
    text: read('color-text'),
    surface: read('color-surface'),
    gap: read('color-surface'),
    hatching: read('size-hatching'),
    font: style.fontFamily,
  }
  probe.remove()
  return tokens
}
