import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { analyseDependencies } from '../../../../server/analyses/dependencies/analyse-dependencies.ts'
import { packageSets, type PackageSets } from '../../../../server/analyses/dependencies/package-sets.ts'
import { corpusPath, hasCorpus } from '../../../corpus.ts'

/** opam-graph's text: a line for each package that the root needs, `ROOT` before the root's. */
function parseUpstream(file: string): { root: string; graph: Map<string, string[]> } {
  let root = ''
  const graph = new Map<string, string[]>()
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const [, isRoot, name = '', needed = ''] = /^(ROOT )?([^:]+): ?(.*)$/.exec(line) ?? []
    if (isRoot) root = name
    graph.set(name, needed === '' ? [] : needed.split(', '))
  }
  return { root, graph }
}

/**
 * The one deviation: to opam-graph, a package of a cycle is among all that it needs, as by its
 * dependencies it needs itself. Ours leaves it out: who asks what a package brings does not mean itself.
 */
function withItselfInCycles(index: number, sets: PackageSets): number[] {
  const all = sets.findAllDependencies(index)
  return all.some((one) => sets.dependencies[one]?.includes(index)) ? [...all, index] : all
}

describe.skipIf(!hasCorpus)('with the corpus', () => {
  const switches = hasCorpus
    ? readdirSync(corpusPath('switches')).flatMap((job) =>
        readdirSync(corpusPath('switches', job)).map((variant) => ({
          name: `${job}-${variant}`,
          file: corpusPath('switches', job, variant, 'opam-switch'),
        })),
      )
    : []
  const upstream = switches.filter(({ name }) => existsSync(corpusPath('opamgraph', `${name}.txt`)))
  const transitive = switches.filter(({ name }) =>
    existsSync(corpusPath('opamgraph', `${name}.transitive.txt`)),
  )

  test('opam-graph says something of 57 switches, and all of 46', () => {
    expect([switches.length, upstream.length, transitive.length]).toEqual([76, 57, 46])
  })

  test.each(upstream)('$name: dependencies equal those of opam-graph', ({ name, file }) => {
    const { root, graph } = parseUpstream(corpusPath('opamgraph', `${name}.txt`))
    const { names, reached, sets } = analyse(file)
    expect(names[0]).toBe(root)
    expect(
      new Map(reached.map((index) => [names[index], namesAt(names, sets.dependencies[index]).toSorted()])),
    ).toEqual(new Map([...graph].map(([one, needed]) => [one, needed.toSorted()])))
  })

  test.each(transitive)('$name: all that each needs is as opam-graph says', ({ name, file }) => {
    const { graph } = parseUpstream(corpusPath('opamgraph', `${name}.transitive.txt`))
    const { names, reached, sets } = analyse(file)
    const ours = reached.map(
      (index) => [names[index], namesAt(names, withItselfInCycles(index, sets)).toSorted()] as const,
    )
    const theirs = [...graph].map(([one, needed]) => [one, needed.toSorted()] as const)
    expect(new Map(ours)).toEqual(new Map(theirs))
  })

  test.each(switches)('$name: counts are those of the sets', ({ file }) => {
    const { result, sets } = analyse(file)
    const all = result.names.map((_, index) => sets.findAllDependencies(index))
    expect(result.dependencyCounts).toEqual(all.map(({ length }) => length))
    const dependants = result.names.map((_, index) => all.filter((needed) => needed.includes(index)).length)
    expect(result.dependantCounts).toEqual(dependants)
  })

  test.each([
    ['empty', '0 root packages'],
    ['pinned-compiler', '2 root packages'],
    ['truncated', 'malformed opam file at line 3, column 0'],
    ['public/ts2ocaml', 'root packages'],
  ])('%s has no graph', (name, message) => {
    expect(() => analyseDependencies(readFileSync(corpusPath('odd', `${name}.opam-switch`)))).toThrow(message)
  })

  function analyse(file: string) {
    const result = analyseDependencies(readFileSync(file))
    const sets = packageSets(result)
    const reached = [...result.names.keys()].filter((index) => sets.findPath(index) !== null)
    return { result, names: result.names, reached, sets }
  }
})

function namesAt(names: readonly string[], indices: readonly number[] = []): string[] {
  return indices.map((index) => names[index] ?? '')
}
