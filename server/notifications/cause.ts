import type { Explained } from './explained.ts'

/** The line that tells why a build failed, without what differs from build to build; null: none is known. */
export function firstErrorLine(excerpt: Explained['excerpt']): string | null {
  if (!excerpt) return null
  const { firstLine, lines, matchedLine } = excerpt
  const matched = matchedLine === null ? undefined : lines[matchedLine - firstLine]
  const line = (matched ?? lines.at(-1))?.trim()
  if (line === undefined || line === '') return null
  return line
    .replace(/(?<=^|[\s"'(=])\/[^\s"':)]*\//g, '…/')
    .replace(/\b0x[\da-f]+|\b\d{5,}\b/gi, '#')
    .slice(0, 200)
}

/**
 * What failures have in common that are told in one mail: the first package that changed, and the class with the first line of the
 * error. Neither known: nothing.
 */
export function causesOf({ failure, errorLine, change }: Explained): string[] {
  const packageChange = change?.packageChange ?? null
  return [
    ...(packageChange === null ? [] : [`package ${packageChange}`]),
    ...(failure && errorLine !== null ? [`failure ${failure.class} ${errorLine}`] : []),
  ]
}

/** Items with a cause in common, also by others between them, in one group each, in their order. */
export function groupByCauses<Item>(
  items: readonly Item[],
  causesOfItem: (item: Item) => readonly string[],
): { items: Item[]; causes: string[] }[] {
  const groups: { items: Item[]; causes: Set<string> }[] = []
  for (const item of items) {
    const causes = causesOfItem(item)
    const joined = groups.filter((group) => causes.some((cause) => group.causes.has(cause)))
    const [first, ...others] = joined
    const target = first ?? { items: [], causes: new Set<string>() }
    if (!first) groups.push(target)
    for (const other of others) {
      target.items.push(...other.items)
      for (const cause of other.causes) target.causes.add(cause)
      groups.splice(groups.indexOf(other), 1)
    }
    target.items.push(item)
    for (const cause of causes) target.causes.add(cause)
  }
  return groups.map(({ items, causes }) => ({ items, causes: [...causes] }))
}

/** The cause that most of a group have, those of packages first: it names the group. Null: there is none. */
export function mainCause(each: readonly (readonly string[])[]): string | null {
  const counts = new Map<string, number>()
  for (const cause of each.flat()) counts.set(cause, (counts.get(cause) ?? 0) + 1)
  const isPackage = (cause: string) => cause.startsWith('package ')
  const [best] = [...counts].sort(
    ([one, count], [other, otherCount]) =>
      otherCount - count || Number(isPackage(other)) - Number(isPackage(one)),
  )
  return best?.[0] ?? null
}
