// Kinds of analysis that do what their input says: for the engine's tests.
import { MalformedError } from '../../../server/errors.ts'
import { appendFileSync } from 'node:fs'
import {
  consoleOfFailed,
  defineKind,
  mainBinary,
  opamSwitch,
  type KindRegistry,
} from '../../../server/analyses/kind.ts'

/** One word each: `run:FILE` notes in a file that it ran. */
const deeds: Record<string, (rest: string) => unknown> = {
  hang: () => {
    for (;;);
  },
  objects: () => {
    const all: object[] = []
    for (;;) all.push({ at: all.length })
  },
  bytes: () => {
    const all: Uint8Array[] = []
    for (;;) all.push(new Uint8Array(16 * 1024 ** 2).fill(1))
  },
  exit: () => process.exit(3),
  kill: () => {
    process.kill(process.pid, 'SIGKILL')
    for (;;);
  },
  throw: () => {
    throw new TypeError('a slip of the programmer')
  },
  malformed: () => {
    throw new MalformedError('sample', 7, 'bad byte')
  },
  large: () => 'x'.repeat(17 * 1024 ** 2),
  run: (file) => {
    appendFileSync(file, `${process.pid}\n`)
    return 'ran'
  },
  slow: (file) => {
    appendFileSync(file, `${process.pid}\n`)
    // Without processor time, of which it may not have so much.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  },
}

const analyse = (bytes: Uint8Array) => {
  const text = Buffer.from(bytes).toString()
  const [, word = '', rest = ''] = /^(\w+):?(.*)/s.exec(text) ?? []
  return { bytes: bytes.length, deed: deeds[word]?.(rest) ?? null }
}

/** The processor time is what slow machines need to fill the memory. */
const limits = { maxInputBytes: 1_000, maxCpuMs: 60_000, maxMemoryMiB: 400 }

/** Three kinds of the hub, with these deeds. `version` and `maxCpuMs` are of all. */
export function hostileKinds(version = 1, maxCpuMs = limits.maxCpuMs): KindRegistry {
  const facts = { version, description: 'a test', analyse, ...limits, maxCpuMs }
  return {
    SOLO5: defineKind({ ...facts, inputOf: mainBinary, summarize: ({ bytes }) => ({ bytes }) }),
    DEPENDENCIES: defineKind({ ...facts, inputOf: opamSwitch }),
    FAILURE: defineKind({ ...facts, inputOf: consoleOfFailed }),
  }
}
