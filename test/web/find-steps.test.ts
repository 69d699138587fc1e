import { expect, test } from 'vitest'
import { createConsoleLog } from '../../web/console/console-log.ts'
import { clockOf } from '../../web/console/clock-of.ts'
import { errorPattern, stepPattern, stepsOf } from '../../web/console/find-steps.ts'
import { searchLines } from '../../web/console/use-console-search.ts'

test.each([
  ['+ apt install -y ./orb.deb', true],
  ['++ nested in a command', true],
  ['<><> Processing actions <><><><>', true],
  ['The following actions will be performed:', true],
  ['orb: [INFO] using opam repository default at 1f2e', true],
  ['-----  build  -----', true],
  ['+', false],
  ['a + b', false],
  ['∗ installed dns.9.0.0', false],
  ['-----', false],
])('a step begins: %s %s', (line, expected) => {
  expect(stepPattern.test(line)).toBe(expected)
})

test.each([
  ['Error: Unbound value x', true],
  ['[ERROR] No solution', true],
  ['make: *** [all] Error 2', true],
  ['  [FAIL]  diff  0', true],
  ['sh: orb: command not found', true],
  ['0 errors', false],
  ['error: 0', false],
  ['failure_test.ml is built', false],
])('a line tells of an error: %s %s', (line, expected) => {
  expect(errorPattern.test(line)).toBe(expected)
})

test('steps last until the next one, the last one until the last time', () => {
  const log = createConsoleLog()
  log.append(
    [
      '0.500s:+ apt update',
      '2.000s:done',
      '3.000s:<><> Processing actions <><>',
      'more',
      '63.250s:the end',
      '',
    ].join('\n'),
  )
  log.finish()
  const rows = searchLines(log, stepPattern, 0, log.rowCount())
  expect(stepsOf(log, rows, log.rowCount())).toEqual([
    { row: 0, title: 'apt update', seconds: 0.5, durationSeconds: 2.5 },
    { row: 2, title: 'Processing actions', seconds: 3, durationSeconds: 60.25 },
  ])
})

test('lines without times have steps without durations', () => {
  const log = createConsoleLog()
  log.append('+ one\n+ two\n')
  expect(stepsOf(log, [0, 1], 2)).toMatchObject([
    { title: 'one', durationSeconds: null },
    { title: 'two', durationSeconds: null },
  ])
})

test('times of the clock are of the start and the seconds, over midnight too', () => {
  const timeOf = clockOf('2026-11-23T23:59:30.000Z')
  expect([timeOf('0.000'), timeOf('12.345'), timeOf('31.000')]).toEqual([
    '23:59:30Z',
    '23:59:42Z',
    '00:00:01Z',
  ])
})
