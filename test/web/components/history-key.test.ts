// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { giveEntryKey } from '../../../web/shell/history-key.ts'

test('each entry of the history gets a key of its own, once, and keeps what it has', () => {
  history.replaceState(null, '', '/first')
  giveEntryKey(window)
  const first: unknown = history.state
  expect(first).toEqual({ key: expect.any(String) })
  giveEntryKey(window)
  expect(history.state).toEqual(first)
  history.pushState({ usr: 'kept' }, '', '/second')
  giveEntryKey(window)
  expect(history.state).toEqual({ usr: 'kept', key: expect.any(String) })
  expect(history.state).not.toMatchObject(first as object)
})
