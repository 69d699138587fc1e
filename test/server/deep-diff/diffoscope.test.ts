import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathOf } from '../../../server/deep-diff/cause-words.ts'
import { diffDeep } from '../../../server/deep-diff/deep-diff.ts'
import { isLong } from '../../long.ts'
import { isInstalled } from '../../programs.ts'
import { deepCases } from './deep-cases.ts'

const dir = mkdtempSync(join(tmpdir(), 'builder-hub-diffoscope-'))
afterAll(() => rmSync(dir, { recursive: true }))

type Detail = { source1: string; source2: string; details?: Detail[] }

/** The sources that diffoscope names, at any depth. */
function sourcesOf({ source1, details = [] }: Detail): string[] {
  return [source1, ...details.flatMap(sourcesOf)]
}

// It takes a second to start.
const canRun = isLong && isInstalled('diffoscope', 'gcc', 'dpkg-deb', 'zip', 'xz', 'zstd')

describe.skipIf(!canRun)('diffoscope of Debian', () => {
  test.each(deepCases)('finds the same places: $name', async ({ file, make, places }) => {
    const made = (['left', 'right'] as const).map((side) => {
      const folder = join(dir, side)
      execFileSync('rm', ['-rf', folder])
      execFileSync('mkdir', [folder])
      const content = make(side, folder)
      writeFileSync(join(folder, file), content)
      return { path: join(folder, file), content }
    })
    const [left, right] = made
    if (!left || !right) throw new Error('a side was not made')
    const { differences } = await diffDeep({
      name: file,
      left: left.content,
      right: right.content,
      times: null,
    })
    const ours = differences.map((_, number) => pathOf(differences, number))
    for (const { our } of places) expect(ours.join('\n')).toMatch(our)

    const { stdout } = spawnSync('diffoscope', ['--json', '-', left.path, right.path], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 ** 2,
    })
    const theirs = sourcesOf(JSON.parse(stdout) as Detail)
    for (const { their } of places) expect(theirs.join('\n')).toMatch(their)
  })
})
