import type { Deps } from '../../../server/deps.ts'
import type { ExecResult } from '../../../server/formats/exec-record.ts'
import type {
  AssignedTry,
  BuiltFile,
  ConnectedWorker,
  WorkerLink,
} from '../../../server/scheduling/scheduler.ts'

export const exited = (code: number): ExecResult => ({ kind: 'exited', code: BigInt(code) })

export const workerNamed = (
  name: string,
  platform = 'debian-12',
  protocol: ConnectedWorker['protocol'] = 'BUILDER',
): ConnectedWorker => ({
  ...{ name, platform, protocol, address: '127.0.0.1', software: 'a test', slots: 1, userId: null },
})

export const connect = (
  deps: Deps,
  name = 'worker',
  ...more: [platform?: string, protocol?: 'BUILDER' | 'HUB']
) => deps.scheduler.connect(workerNamed(name, ...more))

/** For `vi.waitFor`: a time that no test needs, also on a busy machine. */
export const patience = { timeout: 60_000 }

/** A signal that gives up after such a time. */
export const soon = () => AbortSignal.timeout(patience.timeout)

/** Files of a build, each in one piece. */
export async function* files(contents: Readonly<Record<string, string>> = {}): AsyncGenerator<BuiltFile> {
  for (const [path, content] of Object.entries(contents)) {
    const bytes = Buffer.from(content)
    yield await Promise.resolve({ path, sizeBytes: bytes.length, chunks: chunksOf(bytes) })
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** Gets a run, prints a line, and ends it. */
export async function workOnce(
  link: WorkerLink,
  { result = exited(0), output = {}, signal = soon() }: Work = {},
): Promise<AssignedTry> {
  const attempt = await link.request(signal)
  await link.started(attempt.uuid)
  await link
    .console(attempt.uuid)
    .append([{ deltaNs: 1_000_000n, text: Buffer.from(`building ${attempt.job}`) }])
  await link.finish(attempt.uuid, result, files(output))
  return attempt
}

type Work = { result?: ExecResult; output?: Readonly<Record<string, string>>; signal?: AbortSignal }
