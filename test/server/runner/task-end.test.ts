import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { noting, taskSite } from './task-site.ts'

const broken = () => Promise.reject(new Error('the folder is gone'))

test('a run that has ended leaves no listener, and hears nothing of a later stop', async () => {
  const site = await taskSite()
  let given = new AbortController().signal
  const handler = noting({ run: (_task, signal) => Promise.resolve((given = signal)) })
  const { start, settled, close } = await site.server([handler])
  await site.add({ key: 'one' })
  await start()
  await settled()
  expect(getEventListeners(given, 'abort')).toEqual([])
  await close()
  expect(given.aborted).toBe(false)
})

test('a result whose traces cannot be tidied up is kept, and the task has ended', async () => {
  const site = await taskSite()
  const ended = vi.fn()
  const { start, settled, lines } = await site.server([noting({ kept: broken, ended })])
  await site.add({ key: 'one' })
  await start()
  await settled()
  expect(await site.row('one')).toMatchObject({ state: 'DONE', attempts: 1 })
  expect(ended).toHaveBeenCalledOnce()
  expect(lines).toMatchObject([{ key: 'one', err: { message: 'the folder is gone' } }])
})

test('a lost result that cannot be removed counts as an attempt, and its first error is told', async () => {
  const site = await taskSite()
  const calls: string[] = []
  const handler = noting({
    ...{ maxAttempts: 1, ended: (_task, state) => void calls.push(state) },
    complete: () => Promise.reject(new Error('the constraint of another row')),
    dropped() {
      calls.push('dropped')
      return broken()
    },
  })
  const { start, settled, lines } = await site.server([handler])
  await site.add({ key: 'one' })
  await start()
  await settled()
  expect(await site.row('one')).toMatchObject({
    ...{ state: 'DEAD', attempts: 1, error: 'the constraint of another row; it was tried 1 times' },
  })
  expect(calls).toEqual(['DEAD', 'dropped'])
  expect(lines).toMatchObject([
    { key: 'one', err: { message: 'the constraint of another row' } },
    { key: 'one', err: { message: 'the folder is gone' } },
  ])
})
