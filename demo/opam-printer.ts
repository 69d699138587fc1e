/** A value of an opam file. `raw` is source text that is printed as it is: filters, formulas, identifiers. */
export type OpamValue =
  | { kind: 'string'; text: string }
  | { kind: 'raw'; text: string }
  | { kind: 'list'; items: readonly OpamValue[] }
  | { kind: 'option'; value: OpamValue; filter: string }

export type OpamField = { name: string; value: OpamValue } | { section: string; fields: readonly OpamField[] }

/** opam breaks lines that would reach beyond this column. */
const lineWidth = 78

export function opamString(text: string): OpamValue {
  return { kind: 'string', text }
}

export function opamRaw(text: string): OpamValue {
  return { kind: 'raw', text }
}

export function opamList(items: readonly OpamValue[]): OpamValue {
  return { kind: 'list', items }
}

/** A command of strings and variables, as opam writes it: `"make" "-j" jobs`. No word has a space. */
export function opamCommand(words: string): OpamValue {
  return opamList(words.split(' ').map(opamRaw))
}

export function opamFiltered(value: OpamValue, filter: string): OpamValue {
  return { kind: 'option', value, filter }
}

export function opamStrings(texts: readonly string[]): OpamValue {
  return opamList(texts.map(opamString))
}

/** A dependency as `name` or `name {filter}`; a formula that starts with `(` stays as it is. */
export function opamDependency(text: string): OpamValue {
  const match = /^([\w+-]+) \{(.*)\}$/.exec(text)
  if (match?.[1] && match[2] !== undefined) {
    return { kind: 'option', value: opamString(match[1]), filter: match[2] }
  }
  return /^[\w+-]+$/.test(text) ? opamString(text) : opamRaw(text)
}

/** The fields of an opam file in opam's normal form: two columns of indentation per level, long lists broken. */
export function printOpamFields(fields: readonly OpamField[], indent = 0): string {
  const pad = ' '.repeat(indent)
  return fields
    .map((field) =>
      'section' in field
        ? `${pad}${field.section} {\n${printOpamFields(field.fields, indent + 2)}${pad}}\n`
        : `${pad}${field.name}:${printFieldValue(field.name, field.value, indent)}\n`,
    )
    .join('')
}

function printFieldValue(name: string, value: OpamValue, indent: number): string {
  if (value.kind === 'string' && value.text.includes('\n')) return ` """\\\n${escape(value.text)}"""`
  // Source text that is laid out already.
  if (value.kind === 'raw' && value.text.includes('\n')) return ` ${value.text}`
  const column = indent + name.length + 2
  if (value.kind !== 'list' && column + flat(value).length > lineWidth) {
    return `\n${' '.repeat(indent + 2)}${print(value, indent + 2, indent + 2)}`
  }
  // opam writes a list of one value without its brackets.
  const [only, ...others] = value.kind === 'list' ? value.items : []
  const bare = only && others.length === 0 && only.kind !== 'list' && only.kind !== 'option' ? only : value
  return ` ${print(bare, indent, column)}`
}

function print(value: OpamValue, indent: number, column: number): string {
  const oneLine = flat(value)
  if (value.kind === 'option') {
    const inner = print(value.value, indent, column)
    const lastLine = inner.slice(inner.lastIndexOf('\n') + 1)
    const fits = (inner === lastLine ? column : 0) + lastLine.length + value.filter.length + 3 <= lineWidth
    return `${inner}${fits ? ' ' : `\n${' '.repeat(indent + 2)}`}{${value.filter}}`
  }
  if (value.kind !== 'list') return oneLine
  const hasFilter = value.items.some((item) => item.kind === 'option')
  if (!hasFilter && column + oneLine.length <= lineWidth) return oneLine
  const inside = value.items.map(flat).join(' ')
  const pad = ' '.repeat(indent + 2)
  const body =
    !hasFilter && indent + 2 + inside.length <= lineWidth && !value.items.some((item) => item.kind === 'list')
      ? pad + inside
      : value.items.map((item) => pad + print(item, indent + 2, indent + 2)).join('\n')
  return `[\n${body}\n${' '.repeat(indent)}]`
}

function flat(value: OpamValue): string {
  switch (value.kind) {
    case 'string':
      return `"${escape(value.text)}"`
    case 'raw':
      return value.text
    case 'list':
      return `[${value.items.map(flat).join(' ')}]`
    case 'option':
      return `${flat(value.value)} {${value.filter}}`
  }
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
