// Tasks that real ones must not be, for worker-pool.test.ts; and one that has the name of a real one, for package-reader.test.ts.
import { MalformedError } from '../../../server/errors.ts'
import { OpamLimitError, OpamSyntaxError } from '../../../server/formats/opam/opam-error.ts'
import { serveTasks } from '../../../server/workers/serve-tasks.ts'

const never = () => {
  for (;;);
}

const hostileTasks = {
  double: (number: number) => number * 2,
  reverse: ({ parts }: { parts: Uint8Array[] }) => parts.map((part) => Uint8Array.from(part).reverse()),
  whichProcess: () => process.pid,
  throwMalformed: (at: number) => {
    throw new MalformedError('sample', at, 'bad byte')
  },
  throwSyntax: (text: string) => {
    throw new OpamSyntaxError(text, text.length, 'unexpected end')
  },
  throwLimit: (message: string) => {
    throw new OpamLimitError(message)
  },
  throwOther: (message: string) => {
    throw new TypeError(message)
  },
  overflowStack: (depth: number): number => hostileTasks.overflowStack(depth + 1) + 1,
  never,
  readPackage: (): never => process.exit(3),
  die: (status: number): never => process.exit(status),
  throwLater: () => {
    setImmediate(() => {
      throw new Error('nobody catches this')
    })
    return new Promise<never>(() => {})
  },
  fillWithObjects: () => {
    const all: object[] = []
    for (;;) all.push({ at: all.length })
  },
  fillWithText: () => {
    let text = 'text'
    const all = []
    for (;;) all.push((text += `${all.length}`).toUpperCase())
  },
  fillMap: () => {
    const all = new Map<string, string>()
    for (;;) all.set(`key ${all.size}`, `value ${all.size}`)
  },
  fillOneArray: () => new Array<number>(60_000_000).fill(1.5).map((n) => [n]),
  growArray: () => {
    const all: number[] = []
    for (;;) all.push(all.length + 0.5)
  },
  splitText: () => {
    const text = 'a,'.repeat(10_000_000)
    const all: string[][] = []
    for (;;) all.push(text.split(','))
  },
  notCloneable: () => () => 1,
}

export type HostileTasks = typeof hostileTasks

serveTasks(hostileTasks)
