import { expect, test } from 'vitest'
import { pino } from 'pino'
import { createLifecycle, type Component } from '../../server/lifecycle.ts'

function watched() {
  const happened: string[] = []
  const lines: { component: string; err: { message: string } }[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const life = createLifecycle(log)
  const add = (name: string, parts: Partial<Component<string>> = {}) =>
    life.start(name, {
      start: () => {
        happened.push(`+${name}`)
        return name
      },
      stop: (part) => void happened.push(`-${part}`),
      ...parts,
    })
  return { happened, lines, life, add }
}

const never = () => new Promise<never>(() => {})

test('components stop in the reverse order of their start, once', async () => {
  const { happened, lines, life, add } = watched()
  for (const name of ['a', 'b', 'c']) await add(name)
  await Promise.all([life.stop(), life.stop()])
  expect(happened).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
  expect(lines).toEqual([])
  await expect(add('d')).rejects.toThrow('d is not started: the program stops')
})

test.each([
  ['throws', () => Promise.reject(new Error('no port')), 'no port'],
  [
    'throws at once',
    () => {
      throw new Error('no lock')
    },
    'no lock',
  ],
])('a start that %s stops what was started before', async (_name, start: () => Promise<string>, message) => {
  const { happened, add } = watched()
  for (const name of ['a', 'b']) await add(name)
  await expect(add('c', { start })).rejects.toThrow(message)
  expect(happened).toEqual(['+a', '+b', '-b', '-a'])
})

test('what has started when the program stops already is stopped, and its start fails', async () => {
  const { happened, lines, life, add } = watched()
  await add('early')
  let arrive = (_part: string) => {}
  const start = () => new Promise<string>((resolve) => (arrive = resolve))
  const added = add('late', { start })
  await life.stop()
  arrive('late')
  await expect(added).rejects.toThrow('late is not started: the program stops')
  expect(happened).toEqual(['+early', '-early', '-late'])
  expect(lines).toEqual([])
})

test.each([
  ['hangs', never, 'the stop of b takes longer than 0.01 s'],
  ['fails', () => Promise.reject(new Error('broken')), 'broken'],
  [
    'throws',
    () => {
      throw new Error('thrown')
    },
    'thrown',
  ],
])(
  'a stop that %s is logged, and the others are stopped',
  async (_name, stop: () => Promise<void>, message) => {
    const { happened, lines, life, add } = watched()
    await add('a')
    await add('b', { stop, stopWithinMs: 10 })
    await add('c')
    await life.stop()
    expect(happened.slice(3)).toEqual(['-c', '-a'])
    expect(lines).toMatchObject([{ component: 'b', err: { message } }])
  },
)
