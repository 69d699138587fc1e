import { expect, test } from 'vitest'
import { explainFailure, type EndedBuild } from '../../../server/analyses/failure/explain-failure.ts'
import type { FailureClass } from '../../../server/analyses/failure/failure-rules.ts'

const exited = (code: bigint): EndedBuild => ({
  status: code === 0n ? 'SUCCEEDED' : 'FAILED',
  resultKind: 'EXITED',
  resultCode: code,
  resultMessage: null,
  mainBinarySha256: null,
})
const signalled = { ...exited(1n), resultKind: 'SIGNALLED', resultCode: -7n }
const stopped = { ...exited(1n), resultKind: 'STOPPED', resultCode: 19n }
const aborted = (message: string | null) => ({
  ...exited(1n),
  resultKind: 'ABORTED',
  resultCode: null,
  resultMessage: message === null ? null : Buffer.from(message),
})
const told = (name: FailureClass) => ({ class: name, rule: 'a-rule', because: 'of something' })
const nothing = { class: 'UNKNOWN', rule: null, because: null } as const

test.each<[string, EndedBuild, Parameters<typeof explainFailure>[1], string, string | null]>([
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
  ['a time limit with a full disk', aborted('timeout'), told('OUT_OF_SPACE'), 'OUT_OF_SPACE', 'a-rule'],
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
  ['a signal for lack of memory', signalled, told('OUT_OF_MEMORY'), 'OUT_OF_MEMORY', 'a-rule'],
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
