/*
 * Lays out text in boxes with break hints, like OCaml's Format, which opam uses to print its files. A box that
 * fits stays on its line; otherwise the kind of the box decides which breaks become line ends.
 * Source: OCaml manual, module Format; after D. C. Oppen, "Prettyprinting" (1980).
 */

/**
 * `vertical`: every break ends the line. `fit-or-vertical`: all or none do. `fill`: those whose
 * following text does not fit. `horizontal`: none do.
 */
export type BoxKind = 'vertical' | 'fit-or-vertical' | 'fill' | 'horizontal'

/**
 * `start` is the total width of everything before. The width of a break includes the text up to the next break
 * of its box or the end of the box; the width of a box is that of its content. `end` is the command that ends it.
 */
type Command = { start: number; width: number; end: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break'; readonly spaces: number; readonly indent: number }
  | { readonly kind: 'open'; readonly box: BoxKind; readonly indent: number }
  | { readonly kind: 'close' }
)

/** Collects the commands of a layout. */
export type Layout = {
  /** `text` may contain line ends; they count as width. */
  text: (text: string) => void
  /** Prints `spaces`, or a line end and `indent` columns from the start of the box. */
  break: (spaces: number, indent?: number) => void
  /** `indent` applies to the second and later lines of the box. */
  box: (kind: BoxKind, indent: number, content: () => void) => void
  /** The whole text, with lines shorter than `margin` bytes of UTF-8 where breaks allow it. */
  print: (margin: number) => string
}

/** Minimum width that remains for text on an indented line. */
const leastTextWidth = 10

export function layout(): Layout {
  const commands: Command[] = []
  const open: { box: Command; break: Command | null }[] = []
  let total = 0

  return {
    text(text) {
      const width = Buffer.byteLength(text)
      commands.push({ kind: 'text', text, start: total, width, end: commands.length })
      total += width
    },
    break(spaces, indent = 0) {
      const command: Command = { kind: 'break', spaces, indent, start: total, width: 0, end: 0 }
      const current = open.at(-1)
      settle(current?.break)
      if (current) current.break = command
      commands.push(command)
      total += spaces
    },
    box(kind, indent, content) {
      const box: Command = { kind: 'open', box: kind, indent, start: total, width: 0, end: 0 }
      open.push({ box, break: null })
      commands.push(box)
      content()
      settle(open.pop()?.break)
      settle(box)
      commands.push({ kind: 'close', start: total, width: 0, end: commands.length })
    },
    print: (margin) => print(commands, margin),
  }

  function settle(command: Command | null | undefined): void {
    if (!command) return
    command.width = total - command.start
    command.end = commands.length
  }
}

function print(commands: readonly Command[], margin: number): string {
  const boxes: { kind: BoxKind | 'fits'; indent: number }[] = []
  const parts: string[] = []
  let left = margin
  let read = 0

  commands.forEach((command, index) => {
    switch (command.kind) {
      case 'text':
        parts.push(command.text)
        left -= command.width
        break
      case 'open': {
        const fits = isSettledWithin(command, index)
        const outer = boxes.at(-1)
        if (left < leastTextWidth && outer && outer.kind !== 'fits' && outer.kind !== 'horizontal')
          endLine(outer.indent)
        const kind = command.box === 'vertical' || !fits ? command.box : 'fits'
        boxes.push({ kind, indent: margin - left + command.indent })
        break
      }
      case 'close':
        boxes.pop()
        break
      case 'break': {
        const fits = isSettledWithin(command, index)
        const box = boxes.at(-1)
        const isEnd =
          box?.kind === 'vertical' || box?.kind === 'fit-or-vertical' || (box?.kind === 'fill' && !fits)
        if (box && isEnd) endLine(box.indent + command.indent)
        else {
          parts.push(' '.repeat(command.spaces))
          left -= command.spaces
        }
      }
    }
  })
  return parts.join('')

  function endLine(indent: number): void {
    const column = Math.min(indent, margin - leastTextWidth)
    parts.push('\n', ' '.repeat(column))
    left = margin - column
  }

  /**
   * Format reads ahead only until it knows that a width exceeds the rest of the line, and stops as soon as the
   * line is full. Therefore a width that fills the line exactly fits only if it was known before, because it
   * was read while an earlier command waited for its width.
   */
  function isSettledWithin(command: Command, index: number): boolean {
    if (command.end <= read) return command.width <= left
    const full = command.start + left
    read = Math.max(read, index)
    for (; read < commands.length; read += 1) {
      const next = commands[read]
      if (next?.kind !== 'text') continue
      if (command.end <= read) return true
      if (next.start + next.width >= full) return false
    }
    return true
  }
}
