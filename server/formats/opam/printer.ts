/*
 * Prints opam files in opam's own layout, so that our texts can be compared with opam's line by line.
 * Source: opam-file-format, OpamPrinter.FullPos.
 */
import type { OpamItem, OpamValue } from './opam-value.ts'
import { layout, type Layout } from './layout.ts'

/** Margin in columns: OCaml's default, which opam uses. */
const margin = 78

/** Prints items on separate lines, without a line end after the last. Like opam, omits fields that are empty lists. */
export function printOpam(items: readonly OpamItem[]): string {
  const out = layout()
  printItems(out, items)
  return out.print(margin)
}

function printItems(out: Layout, items: readonly OpamItem[]): void {
  out.box('vertical', 0, () => {
    items.filter(isPrinted).forEach((item, index) => {
      if (index > 0) out.break(0)
      printItem(out, item)
    })
  })
}

function isPrinted(item: OpamItem): boolean {
  if (item.kind === 'section' || item.value.kind !== 'list') return true
  const { values } = item.value
  const only = values.length === 1 ? values[0] : undefined
  return values.length > 0 && !(only?.kind === 'list' && only.values.length === 0)
}

function printItem(out: Layout, item: OpamItem): void {
  if (item.kind === 'section') {
    out.box('vertical', 0, () => {
      out.text(item.name === null ? `${item.type} {` : `${item.type} "${escape(item.name)}" {`)
      out.break(0, 2)
      printItems(out, item.items)
      out.break(0)
      out.text('}')
    })
    return
  }
  const { name, value } = item
  if (value.kind === 'list') {
    const isLong = value.values.some(
      (it) => it.kind === 'list' || (it.kind === 'option' && it.options.length > 0),
    )
    printList(out, `${name}: [`, value.values, isLong ? 'vertical' : 'fit-or-vertical')
  } else if (value.kind === 'string' && value.value.includes('\n')) {
    out.box('fill', 0, () => {
      out.text(`${name}: `)
      print(out, value)
    })
  } else {
    out.box('fill', 2, () => {
      out.text(`${name}:`)
      out.break(1)
      print(out, value)
    })
  }
}

function printList(
  out: Layout,
  opening: string,
  values: readonly OpamValue[],
  box: 'vertical' | 'fit-or-vertical',
): void {
  out.box(box, 0, () => {
    out.text(opening)
    out.break(0, 2)
    out.box(box, 0, () => printValues(out, values))
    out.break(0)
    out.text(']')
  })
}

function printValues(out: Layout, values: readonly OpamValue[]): void {
  values.forEach((value, index) => {
    if (index > 0) out.break(1)
    print(out, value)
  })
}

function print(out: Layout, value: OpamValue): void {
  switch (value.kind) {
    case 'bool':
    case 'int':
      return out.text(String(value.value))
    case 'ident':
      return out.text(value.name)
    case 'string':
      return out.text(quoted(value.value))
    case 'list':
      return printList(out, '[', value.values, 'fit-or-vertical')
    case 'group':
      return out.box('fit-or-vertical', 0, () => {
        out.text('(')
        printValues(out, value.values)
        out.text(')')
      })
    case 'option':
      return out.box('fill', 2, () => {
        print(out, value.value)
        out.break(1)
        out.text('{')
        out.box('fit-or-vertical', 0, () => printValues(out, value.options))
        out.text('}')
      })
    case 'relation':
    case 'environment':
      return out.box('horizontal', 0, () => {
        print(out, value.left)
        out.text(` ${value.op}`)
        out.break(1)
        print(out, value.right)
      })
    case 'prefix-relation':
      return out.box('horizontal', 0, () => {
        out.text(value.op)
        out.break(1)
        print(out, value.right)
      })
    case 'logical':
      return out.box('fit-or-vertical', 0, () => {
        print(out, value.left)
        out.text(` ${value.op}`)
        out.break(1)
        print(out, value.right)
      })
    case 'prefix':
      return out.box('horizontal', 0, () => {
        // Different from opam, which prints `! = "1"` as `!= "1"`.
        out.text(value.value.kind === 'prefix-relation' ? `${value.op} ` : value.op)
        print(out, value.value)
      })
  }
}

/**
 * A text with line ends is printed in three quotes, below the opening ones. A parser would read blanks at its
 * start as indentation, so they are escaped; opam loses them.
 */
function quoted(text: string): string {
  if (!text.includes('\n')) return `"${escape(text)}"`
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\r', '\\r')
    .replace(/"(?=""|$)/g, '\\"')
    .replace(/^[ \t]/, (blank) => (blank === ' ' ? '\\ ' : '\\t'))
  return text.startsWith('\n') ? `"""${escaped}"""` : `"""\\\n${escaped}"""`
}

/** A CR is escaped, different from opam: a parser would read a CR before an LF as part of the line end. */
function escape(text: string): string {
  return text.replace(/["\\]/g, '\\$&').replaceAll('\r', '\\r')
}
