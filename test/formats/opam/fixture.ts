import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OpamItem } from '../../../server/formats/opam/opam-value.ts'

/** Text of a file of `fixtures/`; see its README.md. */
export function readFixture(name: string): string {
  return readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
}

/** Items without where they stand: what two layouts of one file have in common. */
export function placeless(items: readonly OpamItem[]): unknown {
  return JSON.parse(JSON.stringify(items, (key, value: unknown) => (key === 'at' ? undefined : value)))
}

/** Placeless items without the fields that printing leaves out: empty lists, and lists of only one. */
export function printable(items: readonly OpamItem[]): unknown {
  const kept = (list: readonly OpamItem[]): OpamItem[] =>
    list
      .filter(
        (item) =>
          item.kind === 'section' ||
          !/^\{"kind":"list","values":\[(\{"kind":"list","values":\[\]\})?\]\}$/.test(
            JSON.stringify(item.value),
          ),
      )
      .map((item) => (item.kind === 'section' ? { ...item, items: kept(item.items) } : item))
  return placeless(kept(items))
}
