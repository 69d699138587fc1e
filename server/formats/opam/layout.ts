/*
 * Text in boxes with break hints, laid out as OCaml's Format does, which opam prints its files with:
 * a box that fits stays on its line, otherwise its kind says which breaks become line ends.
 * Source: OCaml manual, module Format; after D. C. Oppen, "Prettyprinting" (1980).
 */

/**
 * `vertical`: every break ends the line. `fit-or-vertical`: all or none do. `fill`: those whose
 * following text does not fit. `horizontal`: none do.
 */
export type BoxKind = 'vertical' | 'fit-or-vertical' | 'fill' | 'horizontal'

/**
 * `start` is the width of all that comes before. A break is as wide as what follows up to the next
 * break of its box or the box's end, a box as what is in it; `end` is the command that settles this.
 */
type Command = { start: number; width: number; end: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break'; readonly spaces: number; readonly indent: number }
  | { readonly kind: 'open'; readonly box: BoxKind; readonly indent: number }
  | { readonly kind: 'close' }
)

/** Collects what to print. */
export type Layout = {
  /** `text` may hold line ends of its own; they count as width. */
  text: (text: string) => void
  /** `spaces`, or a line end and, from the box's start, `indent` columns. */
  break: (spaces: number, indent?: number) => void
  /** `indent` is that of the box's further lines. */
  box: (kind: BoxKind, indent: number, content: () => void) => void
  /** All of it, in lines shorter than `margin` bytes of UTF-8 where breaks allow it. */
  print: (margin: number) => string
}

/** No line is indented so far that less is left for its text. */
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
   * Format reads no further than it must to know that a width exceeds what is left of the line, and
   * gives up as soon as the line is full. So a width that fills the line exactly fits only if it was
   * known already, read while something before it waited for its own.
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
