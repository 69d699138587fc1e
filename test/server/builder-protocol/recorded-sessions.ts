import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import type { BuilderCommand } from '../../../server/formats/builder-commands.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'

/** What passed on a recorded connection, in order. `octets` are a frame with its length, or what a peer sent in place of one. */
export type RecordedEvent =
  | { kind: 'sent'; octets: Buffer }
  | { kind: 'answered'; octets: Buffer }
  | { kind: 'peer closes' }
  | { kind: 'server closes' }

export type RecordedSession = { name: string; label: string; events: RecordedEvent[] }

/** All recorded connections of builder's programs: none where the corpus is missing. */
export function recordedSessions(): RecordedSession[] {
  return hasCorpus ? [...annotatedSessions(), ...plainSessions()] : []
}

/** A command that passed; null: it is none, or none that the hub reads. */
export function commandIn(octets: Buffer): BuilderCommand | null {
  try {
    return decodeCommand(octets.subarray(8))
  } catch {
    return null
  }
}

type Annotated = {
  label: string
  sequence: { t: number; dir: 'to-server' | 'from-server'; offset: number }[]
  ends: { t: number; side: 'peer' | 'server' }[]
}

function annotatedSessions(): RecordedSession[] {
  const files = readdirSync(corpusPath('wire')).filter((file) => /^\d+\.json$/.test(file))
  return files.map((file) => {
    const name = file.replace('.json', '')
    const { label, sequence, ends } = JSON.parse(readFileSync(corpusPath('wire', file), 'utf8')) as Annotated
    const frames = (dir: 'to-server' | 'from-server') => {
      const offsets = sequence.filter((one) => one.dir === dir).map(({ offset }) => offset)
      return cut(readIfThere(corpusPath('wire', `${name}-${dir}.bin`)), offsets)
    }
    const [sent, answered] = [frames('to-server'), frames('from-server')]
    const timed: (RecordedEvent & { t: number })[] = [
      ...sequence.map(({ t, dir }) =>
        dir === 'to-server'
          ? { t, kind: 'sent' as const, octets: sent.shift() ?? Buffer.of() }
          : { t, kind: 'answered' as const, octets: answered.shift() ?? Buffer.of() },
      ),
      ...ends.map(({ t, side }) => ({ t, kind: `${side} closes` as const })),
    ]
    return { name, label, events: timed.toSorted((left, right) => left.t - right.t) }
  })
}

/** The older recordings have both directions apart: a client, or a worker, says hello and asks, then it is answered. */
function plainSessions(): RecordedSession[] {
  // One recording has no bytes of its worker.
  const names = readdirSync(corpusPath('http/wire')).flatMap(
    (file) => /^(conn\d+)-to-server.bin$/.exec(file)?.[1] ?? [],
  )
  return names.map((name) => {
    const [sent, answered] = (['to-server', 'from-server'] as const).map((dir) => {
      const bytes = readIfThere(corpusPath('http/wire', `${name}-${dir}.bin`))
      return cut(bytes, offsetsOf(bytes))
    })
    const events: RecordedEvent[] = []
    const pass = (kind: 'sent' | 'answered', from: Buffer[] | undefined, most = Infinity) => {
      for (const octets of from?.splice(0, most) ?? []) events.push({ kind, octets })
    }
    pass('sent', sent, 1)
    pass('answered', answered, 1)
    pass('sent', sent, 1)
    pass('answered', answered)
    pass('sent', sent)
    return { name, label: 'recorded with builder’s uploads', events: [...events, { kind: 'server closes' }] }
  })
}

function offsetsOf(bytes: Buffer): number[] {
  const offsets: number[] = []
  for (let at = 0; at + 8 <= bytes.length; at += 8 + Number(bytes.readBigInt64BE(at))) offsets.push(at)
  return offsets
}

const cut = (bytes: Buffer, offsets: readonly number[]) =>
  offsets.map((offset, i) => bytes.subarray(offset, offsets[i + 1] ?? bytes.length))

const readIfThere = (file: string) => (existsSync(file) ? readFileSync(file) : Buffer.of())
