import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toCsv, toFileName } from '../../../web/charts/picture-files.ts'

test('CSV has a line of names, then a line for each row', () => {
  const rows = [
    { build: 'a', size: 7_444_889, isReproduced: true, note: null },
    { build: 'b, "c"\nd', size: -12, isReproduced: false, note: 'ünï' },
  ]
  expect(toCsv(rows)).toBe(
    'build,size,isReproduced,note\r\na,7444889,true,\r\n"b, ""c""\nd",-12,false,ünï\r\n',
  )
})

test('no rows are an empty file', () => {
  expect(toCsv([])).toBe('')
})

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['＝1', "'＝1"],
  ['dns=7', 'dns=7'],
])('text that spreadsheets would run is text: %j', (text, expected) => {
  expect(toCsv([{ name: text }])).toBe(`name\r\n${expected}\r\n`)
})

test.each([
  [['dns-primary', 'size', 'debian-12'], 'dns-primary_size_debian-12'],
  [['all platforms', 'size'], 'all-platforms_size'],
  [['../../etc/passwd'], 'etc-passwd'],
  [['.hidden', '-rf'], 'hidden_rf'],
  [['a\u202Eb'], 'a-b'],
  [['größe', '日本'], 'größe_日本'],
  [['<>:"/\\|?*'], 'picture'],
  [[], 'picture'],
  [['x'.repeat(300)], 'x'.repeat(60)],
])('a file name of %j', (parts, expected) => {
  expect(toFileName(parts)).toBe(expected)
})

test('any text gives a file name that no system refuses', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
      const name = toFileName(parts)
      expect(name).toMatch(/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u)
      expect(Buffer.byteLength(name)).toBeLessThan(250)
    }),
    { seed: 18, numRuns: 2_000 },
  )
})
