import { counted } from '../ui/counted.ts'
import type { PackageGraph } from './package-graph.ts'

/** Summary of the picture in words. */
export function describeGraph(graph: PackageGraph): string {
  const all = [...graph.names.keys()]
  const needed = all.filter(graph.isNeeded)
  const direct = needed.filter(graph.isDirect)
  const shared = needed
    .map((index) => ({ name: graph.names[index] ?? '', count: graph.dependants[index]?.length ?? 0 }))
    .filter(({ count }) => count > 1)
    .toSorted((l, r) => r.count - l.count)
    .slice(0, 3)
    .map(({ name, count }) => `${name} (${count})`)
  const others = all.length - needed.length - 1
  return [
    `${counted(needed.length, 'package')}, ${direct.length} of them direct.`,
    shared.length > 0 ? `Needed by most others: ${shared.join(', ')}.` : '',
    others > 0
      ? `${counted(others, 'more package')} in the switch ${others === 1 ? 'is' : 'are'} no part of it.`
      : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

/** A package in one line, for the tip and for screen readers. */
export function describePackage(graph: PackageGraph, index: number): string {
  const name = graph.names[index] ?? ''
  const version = graph.versions[index]
  const brought = graph.broughtBy(index).length
  const dependants = graph.dependants[index]?.length ?? 0
  return [
    version ? `${name} ${version}` : name,
    index === 0 ? 'the root' : graph.isDirect(index) ? 'direct' : '',
    index === 0 ? '' : `needed by ${dependants}`,
    index === 0 || brought === 0 ? '' : `only it brings ${brought} more`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}
