/** A list of names with a value each: environment variables, system packages. */
export type NamedValues = ReadonlyMap<string, string>

export type NamedValue = { name: string; value: string }
export type ChangedValue = { name: string; left: string; right: string }

/** How two such lists differ; each part in the order of the names' code points. */
export type NamedValuesDiff = { onlyLeft: NamedValue[]; onlyRight: NamedValue[]; changed: ChangedValue[] }

export function diffNamedValues(left: NamedValues, right: NamedValues): NamedValuesDiff {
  const onlyLeft: NamedValue[] = []
  const onlyRight: NamedValue[] = []
  const changed: ChangedValue[] = []
  for (const [name, value] of left) {
    const other = right.get(name)
    if (other === undefined) onlyLeft.push({ name, value })
    else if (other !== value) changed.push({ name, left: value, right: other })
  }
  for (const [name, value] of right) {
    if (!left.has(name)) onlyRight.push({ name, value })
  }
  return { onlyLeft: sorted(onlyLeft), onlyRight: sorted(onlyRight), changed: sorted(changed) }
}

function sorted<Item extends { name: string }>(items: Item[]): Item[] {
  return items.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** The lines of a text without empty lines. The last line may lack its end. LF and CR LF end a line. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '')
}
