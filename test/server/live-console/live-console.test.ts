import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLiveConsoles } from '../../../server/live-console/live-consoles.ts'
import type {
  ConsoleEntry,
  LiveConsole,
  LiveConsoleOptions,
  LiveConsoles,
} from '../../../server/live-console/live-console.ts'
import { inputs, seedOf } from '../../long.ts'

const uuid = '5f0c8f8e-9f0e-4c0c-8a31-6b1a7a2f9d10'
const root = mkdtempSync(join(tmpdir(), 'consoles-'))
afterAll(() => rmSync(root, { recursive: true }))

let dir: string
const opened: LiveConsoles[] = []
beforeEach(() => (dir = mkdtempSync(join(root, 'dir-'))))
afterEach(async () => {
  for (const consoles of opened.splice(0)) await consoles.close()
})

function consolesOf(options?: LiveConsoleOptions): LiveConsoles {
  const consoles = createLiveConsoles(dir, options)
  opened.push(consoles)
  return consoles
}

const entry = (deltaNs: number | bigint, text: string): ConsoleEntry => ({
  deltaNs: BigInt(deltaNs),
  text: Buffer.from(text),
})
const shown = ({ deltaNs, text }: ConsoleEntry) => [deltaNs, Buffer.from(text).toString()]
const textsOf = (entries: readonly ConsoleEntry[]) => entries.map(({ text }) => Buffer.from(text).toString())
const lines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => entry(from + n, `line ${from + n}`))

const never = new AbortController().signal

async function follow(console: LiveConsole, from = 0, signal = never): Promise<ConsoleEntry[]> {
  const got: ConsoleEntry[] = []
  let next = from
  for await (const { first, entries } of console.follow(from, signal)) {
    expect(first).toBe(next)
    next += entries.length
    got.push(...entries)
  }
  return got
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const got = []
  for await (const item of items) got.push(item)
  return got
}

describe('a console', () => {
  test('is read from any line, forward and backward, and times never go back', async () => {
    const console = await consolesOf().open(uuid)
    await console.append([entry(5, 'a'), entry(3, ''), entry(7, 'ÿ\n')])
    await console.append([entry(-1, 'd')])
    const all = [
      [5n, 'a'],
      [5n, ''],
      [7n, 'ÿ\n'],
      [7n, 'd'],
    ]
    expect(console.lineCount).toBe(4)
    expect((await console.read(0, 10)).map(shown)).toEqual(all)
    expect((await console.read(1, 2)).map(shown)).toEqual(all.slice(1, 3))
    expect(await console.read(4, 1)).toEqual([])
    expect((await collect(console.newestFirst())).map(shown)).toEqual(all.toReversed())
  })

  test('what many append at once stays in order, in few writes', async () => {
    const console = await consolesOf().open(uuid)
    await Promise.all(lines(500).map((line) => console.append([line])))
    expect(textsOf(await console.read(0, 1_000))).toEqual(textsOf(lines(500)))
  })

  test('its followers get each line once, and end after the last one', async () => {
    const console = await consolesOf().open(uuid)
    await console.append(lines(1_500))
    const early = follow(console)
    const late = follow(console, 1_990)
    for (let n = 1_500; n < 2_500; n += 100) await console.append(lines(100, n))
    await console.end('exited 0')
    expect(console).toMatchObject({ isEnded: true, result: 'exited 0' })
    expect(textsOf(await early)).toEqual(textsOf(lines(2_500)))
    expect(textsOf(await late)).toEqual(textsOf(lines(510, 1_990)))
    await console.end('exited 1')
    expect(console.result).toBe('exited 0')
    await expect(console.append(lines(1))).rejects.toThrow(
      `the console of ${uuid} takes no more: it has ended`,
    )
  })

  test('a follower ends when it is told to, and when the server stops', async () => {
    const consoles = consolesOf()
    const console = await consoles.open(uuid)
    await console.append(lines(1))
    const stopped = new AbortController()
    const one = follow(console, 0, stopped.signal)
    const other = follow(console, 0)
    stopped.abort()
    expect(await one).toHaveLength(1)
    await consoles.close()
    expect(await other).toHaveLength(1)
    await expect(consoles.open(uuid)).rejects.toThrow('the server stops')
  })

  test('a batch has some 64 KiB, and reading 1 MiB, but one line in any case', async () => {
    const console = await consolesOf().open(uuid)
    const large = (count: number) => Array.from({ length: count }, (_, n) => entry(n, 'x'.repeat(30_000)))
    await console.append([...large(50), entry(50, 'y'.repeat(900_000)), entry(51, 'z'.repeat(900_000))])
    await console.end('exited 0')
    const sizes = []
    for await (const { entries } of console.follow(0, never)) sizes.push(entries.length)
    expect(sizes).toEqual([...Array<number>(25).fill(2), 1, 1])
    expect(await console.read(0, 100)).toHaveLength(34)
    expect(await console.read(50, 2)).toHaveLength(1)
    expect(textsOf(await collect(console.newestFirst())).map((text) => text.length)).toEqual([
      900_000,
      900_000,
      ...Array<number>(50).fill(30_000),
    ])
  })

  test('lines beyond the limit of a record are dropped, and the last line says so', async () => {
    const limits = { entries: 5, textBytes: 100 }
    const console = await consolesOf({ limits }).open(uuid)
    await console.append([entry(0, 'x'.repeat(1_000)), ...lines(2)])
    await console.append(lines(4))
    await console.append(lines(1))
    expect(console.lineCount).toBe(8)
    expect(textsOf(await console.read(0, 100))).toEqual([
      `${'x'.repeat(56)} [944 more bytes of this line are not kept]`,
      'line 0',
      'line 1',
      'line 0',
      '[the console has reached its limit of 5 lines or 1073741824 bytes: what follows is not kept]',
    ])
    const small = await consolesOf({ limits: { bytes: 1_000 } }).open(uuid.replace('5', '6'))
    await small.append(Array.from({ length: 100 }, (_, n) => entry(n, 'twenty bytes of text')))
    expect(textsOf(await small.read(0, 100)).at(-1)).toMatch(
      /reached its limit of 5000000 lines or 1000 bytes/,
    )
    expect(await small.read(0, 100)).toHaveLength(21)
  })

  test('goes on after a restart', async () => {
    const before = consolesOf()
    await (await before.open(uuid)).append(lines(3_000))
    await before.close()
    const console = await consolesOf().open(uuid)
    expect(console.lineCount).toBe(3_000)
    await console.append([entry(0, 'after')])
    expect((await console.read(2_999, 2)).map(shown)).toEqual([
      [2_999n, 'line 2999'],
      [2_999n, 'after'],
    ])
  })

  test('is found until it is disposed of; its files go at once, and its readers read on', async () => {
    const consoles = consolesOf()
    expect(consoles.find(uuid)).toBeNull()
    const console = await consoles.open(uuid)
    expect(consoles.find(uuid)).toBe(console)
    expect(await consoles.open(uuid)).toBe(console)
    await console.append(lines(5_000))
    const reading = console.follow(0, never)
    expect((await reading.next()).value).toMatchObject({ first: 0 })
    await console.dispose()
    await console.dispose()
    expect(consoles.find(uuid)).toBeNull()
    expect(readdirSync(dir)).toEqual([])
    const rest = await collect(reading)
    expect(rest.at(-1)?.entries.at(-1)?.text).toEqual(Buffer.from('line 4999'))
    expect(await (await consoles.open(uuid)).read(0, 1)).toEqual([])
  })

  test('readers that do not read end some time after the console is gone', async () => {
    const console = await consolesOf({ lingerMs: 1 }).open(uuid)
    await console.append(lines(5_000))
    const reading = console.follow(0, never)
    await reading.next()
    await console.dispose()
    await expect.poll(() => console.read(0, 1).catch((error: Error) => error.message)).toMatch(/closed|EBADF/)
    expect(await reading.next()).toEqual({ done: true, value: undefined })
  })
})

test('a console that is new is there at once, and has files from its first entry on', async () => {
  const consoles = consolesOf()
  const console = consoles.begin(uuid)
  expect(consoles.find(uuid)).toBe(console)
  expect(await consoles.open(uuid)).toBe(console)
  expect([await console.read(0, 1), await collect(console.newestFirst())]).toEqual([[], []])
  const follower = follow(console)
  await console.append([])
  expect(readdirSync(dir)).toEqual([])
  await console.append(lines(3))
  expect(readdirSync(dir).sort()).toEqual([`${uuid}.entries`, `${uuid}.index`])
  expect(console.lineCount).toBe(3)
  await console.end('exited 0')
  expect(textsOf(await follower)).toEqual(textsOf(lines(3)))
  await console.dispose()
  expect(readdirSync(dir)).toEqual([])
  const silent = consoles.begin(uuid)
  await silent.end('exited 0')
  await silent.dispose()
  expect(consoles.find(uuid)).toBeNull()
})

test('a console whose files cannot be made refuses entries, and takes them when they can', async () => {
  writeFileSync(join(dir, 'file'), '')
  const consoles = createLiveConsoles(join(dir, 'file'))
  opened.push(consoles)
  const console = consoles.begin(uuid)
  await expect(console.append(lines(1))).rejects.toThrow('EEXIST')
  rmSync(join(dir, 'file'))
  await console.append(lines(1))
  expect(textsOf(await console.read(0, 1))).toEqual(['line 0'])
})

test('files of tries that are over are swept, open ones and wanted ones stay', async () => {
  const consoles = consolesOf()
  const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(8) + uuid.slice(8)) as [
    string,
    string,
    string,
  ]
  for (const one of [a, b]) await (await consoles.open(one)).append(lines(1))
  await consoles.close()
  const later = consolesOf()
  await later.open(c)
  await later.sweep(new Set([b]))
  expect(readdirSync(dir).sort()).toEqual([`${b}.entries`, `${b}.index`, `${c}.entries`, `${c}.index`])
  await expect(later.open('../x')).rejects.toThrow('not a UUID: ../x')
})

describe('of a file that a killed process left', () => {
  const path = () => join(dir, `${uuid}.entries`)

  async function reopened(): Promise<string[]> {
    const consoles = createLiveConsoles(dir)
    const console = await consoles.open(uuid)
    const texts = textsOf(await console.read(0, 1_000))
    await console.append([entry(9, 'next')])
    expect(textsOf(await console.read(0, 1_000))).toEqual([...texts, 'next'])
    await consoles.close()
    return texts
  }

  const texts = ['first', '', 'third\nwith a break', 'x'.repeat(200)]
  async function written(): Promise<Buffer> {
    const consoles = createLiveConsoles(dir)
    await (await consoles.open(uuid)).append(texts.map((text, n) => entry(n, text)))
    await consoles.close()
    return readFileSync(path())
  }

  test('all whole entries stay, wherever it is cut', async () => {
    const whole = await written()
    const ends = texts.map((_, n) => texts.slice(0, n + 1).reduce((sum, text) => sum + 16 + text.length, 0))
    for (let length = 0; length <= whole.length; length += length < 80 ? 1 : 23) {
      writeFileSync(path(), whole.subarray(0, length))
      expect(await reopened()).toEqual(texts.slice(0, ends.filter((end) => end <= length).length))
    }
  })

  test.each([
    ['zeros, as after a power failure', Buffer.alloc(4_096)],
    ['a length beyond the limit', Buffer.from('0000000000000000ffffffff0000000000', 'hex')],
    ['a text that does not fit its checksum', Buffer.from('00000000000000010000000100000000aa', 'hex')],
  ])('what follows is cut: %s', async (_what, tail) => {
    const whole = await written()
    writeFileSync(path(), Buffer.concat([whole, tail]))
    expect(await reopened()).toEqual(texts)
  })

  test('a lost or foreign index is made anew, also for lines that are longer than a window', async () => {
    const long = ['a'.repeat(700_000), 'b'.repeat(1_000_000), 'c'.repeat(2 ** 20), 'd']
    const consoles = createLiveConsoles(dir)
    await (await consoles.open(uuid)).append(long.map((text) => entry(0, text)))
    await consoles.close()
    truncateSync(join(dir, `${uuid}.index`))
    const console = await consolesOf().open(uuid)
    expect(textsOf(await collect(console.newestFirst()))).toEqual(long.toReversed())
  })
})

test('any entries, appended and read in any portions, across restarts, are the same', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('', '\n', '\r', 'x'.repeat(5_000), 'ö'.repeat(35_000)),
  )
  const portions = fc.array(fc.array(fc.tuple(fc.bigInt(-5n, 2n ** 62n), text), { maxLength: 8 }), {
    maxLength: 6,
  })
  let round = 0
  await fc.assert(
    fc.asyncProperty(portions, fc.nat(40), fc.nat(9), async (given, from, count) => {
      const own = uuid.slice(0, -4) + (++round).toString(16).padStart(4, '0')
      const expected: ConsoleEntry[] = []
      let last = 0n
      for (const portion of given) {
        const consoles = createLiveConsoles(dir)
        const console = await consoles.open(own)
        await console.append(portion.map(([deltaNs, line]) => entry(deltaNs, line)))
        for (const [deltaNs, line] of portion) {
          if (deltaNs > last) last = deltaNs
          expected.push(entry(last, line))
        }
        await consoles.close()
      }
      const consoles = createLiveConsoles(dir)
      const console = await consoles.open(own)
      expect((await console.read(from, count)).map(shown)).toEqual(
        expected.slice(from, from + count).map(shown),
      )
      expect((await collect(console.newestFirst())).map(shown)).toEqual(expected.toReversed().map(shown))
      await console.end('')
      expect((await follow(console, from)).map(shown)).toEqual(expected.slice(from).map(shown))
      await console.dispose()
      await consoles.close()
    }),
    { seed: seedOf(20_261_130), numRuns: inputs(200) },
  )
})

test('files of random bytes, and files with a changed byte, never break it', async () => {
  const consoles = createLiveConsoles(dir)
  await (await consoles.open(uuid)).append(lines(20))
  await consoles.close()
  const whole = readFileSync(join(dir, `${uuid}.entries`))
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.nat(255),
      fc.uint8Array({ maxLength: 60 }),
      async (at, byte, tail) => {
        const changed = Buffer.concat([whole, tail])
        changed[at] = byte
        writeFileSync(join(dir, `${uuid}.entries`), changed)
        const again = createLiveConsoles(dir)
        const console = await again.open(uuid)
        const got = textsOf(await console.read(0, 100))
        expect(got).toEqual(textsOf(lines(20)).slice(0, got.length))
        await again.close()
      },
    ),
    { seed: seedOf(20_261_131), numRuns: inputs(1_000) },
  )
})
