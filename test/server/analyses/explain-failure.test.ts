import { expect, test } from 'vitest'
import {
  explainFailure,
  type EndedBuild,
  type ReadConsole,
} from '../../../server/analyses/failure/explain-failure.ts'
import type { FailureClass } from '../../../server/analyses/failure/failure-rule.ts'

const exited = (code: bigint): EndedBuild => ({
  status: code === 0n ? 'SUCCEEDED' : 'FAILED',
  resultKind: 'EXITED',
  resultCode: code,
  resultMessage: null,
  mainBinarySha256: null,
  startedAt: new Date('2026-10-01T10:00:00Z'),
  finishedAt: new Date('2026-10-01T11:00:00Z'),
})
const signalled = { ...exited(1n), resultKind: 'SIGNALLED', resultCode: -7n }
const stopped = { ...exited(1n), resultKind: 'STOPPED', resultCode: 19n }
const aborted = (message: string | null) => ({
  ...exited(1n),
  resultKind: 'ABORTED',
  resultCode: null,
  resultMessage: message === null ? null : Buffer.from(message),
})
const told = (name: FailureClass, more: Partial<ReadConsole> = {}): ReadConsole => ({
  class: name,
  rule: 'a-rule',
  because: 'of something',
  ...more,
})
const atEnd = { isAtEnd: true }
const weak = { isWeak: true }
const nothing = { class: 'UNKNOWN', rule: null, because: null } as const

test.each<[string, EndedBuild, ReadConsole | null, string, string | null]>([
  ['a success without a main binary', exited(0n), null, 'NO_BINARY', 'result-no-binary'],
  ['what the console tells', exited(20n), told('DOWNLOAD_FAILED'), 'DOWNLOAD_FAILED', 'a-rule'],
  ['a console that tells nothing', exited(20n), nothing, 'UNKNOWN', null],
  [
    "a builder's time limit, whatever the console tells",
    aborted('timeout'),
    told('COMPILE_ERROR'),
    'TIMEOUT',
    'result-timeout',
  ],
  [
    'a time limit before the console was read',
    aborted('Timed out after 1h'),
    null,
    'TIMEOUT',
    'result-timeout',
  ],
  [
    'a time limit with a disk that was full at the end',
    aborted('timeout'),
    told('OUT_OF_SPACE', atEnd),
    'OUT_OF_SPACE',
    'a-rule',
  ],
  [
    'a time limit long after a disk was full',
    aborted('timeout'),
    told('OUT_OF_SPACE', { isAtEnd: false }),
    'TIMEOUT',
    'result-timeout',
  ],
  [
    'a build that was given up otherwise',
    aborted('path already existed'),
    told('TEST_FAILED'),
    'TEST_FAILED',
    'a-rule',
  ],
  ['a build that was given up for nothing', aborted(null), nothing, 'UNKNOWN', null],
  ['a signal', signalled, nothing, 'KILLED', 'result-signal'],
  ['a signal, whatever the console tells', signalled, told('COMPILE_ERROR'), 'KILLED', 'result-signal'],
  ['a signal for lack of memory', signalled, told('OUT_OF_MEMORY', atEnd), 'OUT_OF_MEMORY', 'a-rule'],
  ['a signal long after memory was short', signalled, told('OUT_OF_MEMORY'), 'KILLED', 'result-signal'],
  ['a stop', stopped, null, 'KILLED', 'result-stopped'],
  ["timeout's exit status", exited(124n), nothing, 'TIMEOUT', 'result-exit-124'],
  [
    "timeout's exit status with a console that tells more",
    exited(124n),
    told('TEST_FAILED'),
    'TEST_FAILED',
    'a-rule',
  ],
  ['the exit status of a killed command', exited(137n), nothing, 'KILLED', 'result-exit-137'],
  [
    "timeout's exit status with a console that only shows a stop",
    exited(124n),
    told('COMPILE_ERROR', weak),
    'TIMEOUT',
    'result-exit-124',
  ],
  ['a stop with an ordinary exit status', exited(2n), told('COMPILE_ERROR', weak), 'COMPILE_ERROR', 'a-rule'],
  ['the exit status of a crash', exited(139n), nothing, 'KILLED', 'result-exit-139'],
  ['the exit status of an abort', exited(134n), told('UNKNOWN', weak), 'KILLED', 'result-exit-134'],
  ['the exit status of too much processor time', exited(152n), nothing, 'TIMEOUT', 'result-exit-152'],
  ['the exit status of a wrong use of git', exited(129n), nothing, 'UNKNOWN', null],
  ['the exit status of a signal that systems number differently', exited(138n), nothing, 'UNKNOWN', null],
  ['the largest exit status', exited(255n), nothing, 'UNKNOWN', null],
  ['the exit status of a terminated command', exited(143n), nothing, 'KILLED', 'result-exit-143'],
])('%s', (_name, build, found, expected, rule) => {
  const failure = explainFailure(build, found)
  expect(failure).toMatchObject({ class: expected, rule, fromConsole: found !== null && rule === found.rule })
})

test('signals have their names', () => {
  expect(explainFailure(signalled, null)?.because).toBe('SIGKILL ended it')
  expect(explainFailure({ ...signalled, resultCode: 99n }, null)?.because).toBe('signal 99 ended it')
})

test('a success with a main binary, and a failure of which nothing is known yet, have no reason', () => {
  expect(explainFailure({ ...exited(0n), mainBinarySha256: 'x' }, null)).toBeNull()
  expect(explainFailure(exited(1n), null)).toBeNull()
})

const last = { command: 'make world', line: 12, startedSeconds: 120, lastSeconds: 130 }

test.each<[string, ReadConsole | null, string]>([
  ['a console that was not read', null, 'it took longer than its builder allows'],
  ['a console without commands', { ...nothing, last: null }, 'it took longer than its builder allows'],
  [
    'a command that was silent for long',
    { ...nothing, last: { ...last, lastSeconds: 600 } },
    'it took longer than its builder allows; `make world` (line 12) ran last, for 58 min, the last 50 min without output',
  ],
  [
    'a command that was silent all the time',
    { ...nothing, last },
    'it took longer than its builder allows; `make world` (line 12) ran last, for 58 min',
  ],
  [
    'a console without times',
    { ...nothing, last: { ...last, startedSeconds: null, lastSeconds: null } },
    'it took longer than its builder allows; `make world` (line 12) ran last',
  ],
  [
    'a clock that is wrong',
    { ...nothing, last: { ...last, startedSeconds: 9e6 } },
    'it took longer than its builder allows; `make world` (line 12) ran last',
  ],
])('a time limit says what ran last: %s', (_name, found, because) => {
  expect(explainFailure(aborted('timeout'), found)?.because).toBe(because)
})
