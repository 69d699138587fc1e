import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runHub } from '../server/cli/hub.ts'

export type Outcome = { status: number | null; stdout: string; stderr: string }

/** A `hub` command in this process: what it prints, and its exit status. */
export async function hub(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const told = Promise.all([text(stdout), text(stderr)])
  const stdin = Readable.from([Buffer.from(input)])
  const status = await runHub(args, { env: { ...process.env, ...env }, stdin, stdout, stderr })
  stdout.end()
  stderr.end()
  const [shown, complaints] = await told
  return { status, stdout: shown, stderr: complaints }
}
