import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { analyseBinarySize } from '../../../../server/analyses/binary-size/analyse-binary-size.ts'
import type { SizeTree } from '../../../../server/analyses/binary-size/size-tree.ts'
import { corpusPath, hasCorpus } from '../../../corpus.ts'
import { deviations, sampleOf, type Entry } from './modulectomy-deviations.ts'
import { checkSizes, pathsOf } from './size-trees.ts'

type Node = { kind: string; size?: number; addr?: number; children?: Record<string, Node> }

/** The first stage of modulectomy's tree: all that it found, before small entries are cut. */
function entriesOf(sample: string): Entry[] {
  const flatten = (nodes: Record<string, Node>, prefix: string): Entry[] =>
    Object.entries(nodes).flatMap(([name, { kind, size = 0, addr, children }]) =>
      children
        ? flatten(children, `${prefix}${name}/`)
        : [{ path: prefix + name, kind, size, address: addr === undefined ? null : addr }],
    )
  const file = readFileSync(corpusPath('modulectomy', sample, '1-import.json'), 'utf8')
  return flatten(JSON.parse(file) as Record<string, Node>, '')
}

/** The sizes of our tree under modulectomy's paths: a module's parts by its path, all others by name. */
function asModulectomy(tree: SizeTree): Map<string, number> {
  const sizes = new Map<string, number>()
  const modules: string[] = []
  tree.names.forEach((name, node) => {
    const kind = tree.kinds[node]
    const parent = tree.parents[node] ?? -1
    const path = modules[parent] ?? ''
    modules.push(kind === 'MODULE' ? `${path}${name}/` : path)
    const size = tree.sizes[node] ?? 0
    if (kind === 'CODE' || kind === 'DATA') sizes.set(`OCaml/${path}${name}`, size)
    else if ((kind === 'FUNCTION' || kind === 'OBJECT') && tree.kinds[parent] !== 'CODE') {
      // Some of the runtime's are there without their prefix, some with it.
      for (const key of new Set([name, name.replace(/^caml_/, 'OCaml/')]))
        sizes.set(key, (sizes.get(key) ?? 0) + size)
    }
  })
  return sizes
}

describe.skipIf(!hasCorpus)('the corpus', () => {
  test.each(hasCorpus ? readdirSync(corpusPath('elf')).filter((name) => name !== 'src') : [])(
    'of %s every byte is counted once',
    (name) => checkSizes(analyseBinarySize(readFileSync(corpusPath('elf', name)))),
  )

  test.each(
    hasCorpus ? readdirSync(corpusPath('solo5')).filter((name) => name.startsWith('test_hello')) : [],
  )('of %s every byte is counted once', (name) =>
    checkSizes(analyseBinarySize(readFileSync(corpusPath('solo5', name)))),
  )

  const samples = ['arith.debug', 'echod-static.debug', 'zonecheck.debug']

  test.each(samples)('%s: all modules are as large as modulectomy says', (name) => {
    const { tree } = analyseBinarySize(readFileSync(corpusPath('elf', name)))
    const ours = asModulectomy(tree)
    const parts = /^OCaml\/.*\/(code|data|frametable)$/
    const theirs = entriesOf(name).filter(({ path, size }) => parts.test(path) && size > 0)
    expect(theirs.length).toBeGreaterThan(50)
    expect(Object.fromEntries([...ours].filter(([path]) => parts.test(path)).sort())).toEqual(
      Object.fromEntries(theirs.map(({ path, size }) => [path, size] as const).sort()),
    )
  })

  test.each(samples)('%s: all else is as large as modulectomy says, but for listed deviations', (name) => {
    const bytes = readFileSync(corpusPath('elf', name))
    const ours = asModulectomy(analyseBinarySize(bytes).tree)
    const sample = sampleOf(bytes)
    const differing = entriesOf(name).filter(({ path, size }) => size > 0 && ours.get(path) !== size)
    const applied = deviations.map(() => 0)
    const unexplained = differing.filter((entry) => {
      const found = deviations.findIndex(({ applies }) => applies(entry, sample))
      if (found >= 0) applied[found] = (applied[found] ?? 0) + 1
      return found < 0
    })
    expect(unexplained).toEqual([])
    expect(applied).toMatchSnapshot()
  })

  test.each(['4-cut2.json', '5-filtered.json'])(
    "the sums of modulectomy's stage %s are ours, too",
    (stage) => {
      for (const name of samples) {
        const { tree } = analyseBinarySize(readFileSync(corpusPath('elf', name)))
        const paths = pathsOf(tree)
        const file = readFileSync(corpusPath('modulectomy', name, stage), 'utf8')
        const modules =
          (JSON.parse(file) as Record<string, Node>)['<unknown>']?.children?.['OCaml']?.children ?? {}
        for (const [module, { kind, size = 0 }] of Object.entries(modules)) {
          // Stdlib with the primitives that are put there by name; the others are libraries of C.
          if (kind !== 'module' || size === 0 || ['Stdlib', 'nolibc', 'openlibm'].includes(module)) continue
          const node = paths.findIndex(
            (path, index) =>
              tree.kinds[index] === 'MODULE' &&
              path.split('/').length <= 2 &&
              path.split('/').at(-1) === module,
          )
          expect(tree.sizes[node], `${name} ${module}`).toBe(size)
        }
      }
    },
  )
})
