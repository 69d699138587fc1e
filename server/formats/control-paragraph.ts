import { MalformedError } from '../errors.ts'

/** A field of a control file. `value` has the lines that continue it, each with its first space. */
export type ControlField = { name: string; value: string }

/**
 * The fields of the only paragraph of a Debian control file, in their order. Lines of comments are left out. Throws MalformedError.
 * Source: Debian Policy 5.1.
 */
export function parseControl(text: string): ControlField[] {
  const fields: ControlField[] = []
  const names = new Set<string>()
  let offset = 0
  let isOver = false
  const fault = (reason: string) => new MalformedError('control file', offset, reason)
  for (const line of text.split('\n')) {
    if (line.trim() === '') isOver = fields.length > 0
    else if (isOver) throw fault('it has a second paragraph')
    else if (/[\0-\x08\x0b-\x1f\x7f]/.test(line)) throw fault('it has a control character')
    else if (/^[ \t]/.test(line)) {
      const last = fields.at(-1)
      if (!last) throw fault('it begins with a line that continues another one')
      last.value += `\n${line.trimEnd()}`
    } else if (!line.startsWith('#')) {
      const [, name, value] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? []
      if (name === undefined || value === undefined) throw fault('a line is no field')
      if (names.has(name.toLowerCase())) throw fault(`the field ${name} is there twice`)
      names.add(name.toLowerCase())
      fields.push({ name, value: value.trimEnd() })
    }
    offset += Buffer.byteLength(line) + 1
  }
  if (fields.length === 0) throw fault('it is empty')
  return fields
}

/** The value of a field, with all its lines; null: there is none. Names are compared without regard to case. */
export function fieldOf(fields: readonly ControlField[], name: string): string | null {
  const field = fields.find((one) => one.name.toLowerCase() === name.toLowerCase())
  return field?.value ?? null
}

/** The fields as text, without an empty line after them. */
export const printControl = (fields: readonly ControlField[]): string =>
  fields
    .map(({ name, value }) => `${name}:${value.startsWith('\n') || value === '' ? '' : ' '}${value}\n`)
    .join('')
