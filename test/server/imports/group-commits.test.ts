import { expect, test } from 'vitest'
import type { Transaction, Writer } from '../../../server/database/writer.ts'
import { groupCommits } from '../../../server/imports/group-commits.ts'

/** Transactions do nothing. The first is held until `release`; `outcomeOf` may fail each at its begin or its commit. */
function fakeWriter(outcomeOf: (count: number) => 'done' | 'busy' | 'lost') {
  let count = 0
  let release = () => {}
  let begin = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const began = new Promise<void>((resolve) => (begin = resolve))
  const writer: Writer = {
    async transact(_changes, action) {
      count += 1
      begin()
      if (count === 1) await held
      const outcome = outcomeOf(count)
      if (outcome === 'busy') throw new Error('busy')
      const value = await action({} as Transaction)
      if (outcome === 'lost') throw new Error('lost')
      return value
    },
    untilOnDisk: async () => {},
  }
  return { writer: groupCommits(writer), began, release }
}

test.each([
  ['rolled back', 'done', 1],
  ['perhaps committed', 'lost', 0],
] as const)(
  'the members of a group that is %s hear of it, or not, before they run alone',
  async (_name, outcome, expected) => {
    const { writer, began, release } = fakeWriter((count) =>
      count === 2 ? outcome : count > 2 ? 'busy' : 'done',
    )
    const first = writer.transact([], async () => {})
    await began
    let rollbacks = 0
    const member = writer.transact(
      [],
      async () => {},
      () => (rollbacks += 1),
    )
    const bad = writer.transact([], async () => {
      if (outcome === 'done') throw new Error('bad')
    })
    release()
    await first
    await expect(member).rejects.toThrow('busy')
    await expect(bad).rejects.toThrow('busy')
    expect(rollbacks).toBe(expected)
  },
)

test('an action that runs alone hears of its own rollback, too', async () => {
  // As the writer of a database that rolls back one of two transactions which were in each other's way.
  const alone = groupCommits({
    async transact(_changes, action, onRolledBack = () => {}) {
      await action({} as Transaction)
      onRolledBack()
      throw new Error('busy')
    },
    untilOnDisk: async () => {},
  })
  let rollbacks = 0
  const action = async () => {}
  await expect(alone.transact([], action, () => (rollbacks += 1))).rejects.toThrow('busy')
  expect(rollbacks).toBe(1)
})
