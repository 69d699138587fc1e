import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const projectDir = join(import.meta.dirname, '..')
const ignored = new Set(['node_modules', 'dist', 'generated', 'gql', 'test-results', 'data', 'config'])

/** Files below a folder whose names end so. */
function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (ignored.has(entry.name) || entry.name.startsWith('.')) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path, ending)
    return ending.test(entry.name) ? [path] : []
  })
}

const exists = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(file, 'utf8').match(/^#+ .+$/gm) ?? []
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  )
}

test.each(filesBelow(projectDir, /\.md$/).map((file) => [file.slice(projectDir.length + 1), file] as const))(
  'every relative link of %s leads somewhere',
  (_name, file) => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?![a-z]+:)([^)\s]*)\)/g)].map(
      ([, link = '']) => link,
    )
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : resolve(dirname(file), path)
      return !exists(target) || (anchor !== undefined && !anchorsOf(target).has(anchor))
    })
    expect(broken).toEqual([])
  },
)

test('every specification that the sources cite is there, with the section', () => {
  const sources = ['server', 'web', 'test', 'demo', 'bench'].flatMap((folder) =>
    filesBelow(join(projectDir, folder), /\.tsx?$/),
  )
  const broken = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\b((?:docs\/)?spec\/[\w-]+\.md)(?:, "([^"]+)")?/g)]
      .filter(([, path = '', section]) => {
        const target = join(projectDir, path)
        if (!exists(target)) return true
        return section !== undefined && !new RegExp(`^#+ ${section}`, 'm').test(readFileSync(target, 'utf8'))
      })
      .map(([cited]) => `${file.slice(projectDir.length + 1)}: ${cited}`),
  )
  expect(broken).toEqual([])
})
