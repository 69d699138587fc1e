// A server is killed (SIGKILL) at a moment of an upload of its own, while the two others serve: while its client still sends, while it puts
// content into the store, while it waits for the lock for writing, and as soon as its row can be seen. Then it is started again.
//
// Oracle: the client sends the build again, to any server, and it is stored once: 201 if the killed server had not committed, 409 if it
// had. While the client still sent, nothing can be committed: 201. What other clients were told holds (check-site.ts).
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { alice } from '../template.ts'
import { waitersForCommit, withCommitLock } from './commit-lock.ts'
import type { FailureTest, Torture } from './failure-test.ts'
import type { ServerProcess } from './server-process.ts'
import { send, type Answer, type Upload } from './uploads.ts'

type Moment = 'body' | 'content' | 'lock' | 'row'

const moments: readonly Moment[] = ['body', 'content', 'lock', 'row']

export const killedServer: FailureTest = {
  name: 'killed-server',
  summary: 'kill -9 of a server at four moments of an upload',
  rounds: 20,
  async run(torture) {
    const { site, load, random, rounds } = torture
    for (let round = 0; round < rounds; round++) {
      const victim = site.servers[random.integer(0, site.servers.length - 1)]
      if (!victim) return
      const moment = moments[round % moments.length] ?? 'row'
      const upload = await load.next()
      const answer = await killAt(torture, moment, victim, upload)
      torture.fault()
      await load.deliver(upload, answer)
      await victim.start()
      await load.untilAcknowledged(2)
    }
  },
}

/** The answer of the victim, if it gave one. */
async function killAt(
  torture: Torture,
  moment: Moment,
  victim: ServerProcess,
  upload: Upload,
): Promise<Answer> {
  const { site, expect } = torture
  const kill = async () => {
    victim.send('SIGKILL')
    await victim.ended()
  }
  if (moment === 'body') {
    await sendHalf(victim, upload)
    await kill()
    expect(!(await hasRow(site, upload)), `${upload.uuid} has a row, and was sent in half`)
    return { status: 0, text: '', retryAfter: null }
  }
  if (moment === 'content') {
    const isPut = new Promise<void>((onHit) =>
      site.double.plan('stall', { method: 'PUT', path: pathOf(upload), onHit }),
    )
    const answer = send(victim.url, upload.body)
    // It does not put the content if it fails before, as any server may.
    await Promise.race([isPut, answer])
    await kill()
    return answer
  }
  if (moment === 'lock') {
    // The answer is awaited outside: what is left of the transaction may wait for the lock still.
    const [answer] = await withCommitLock(site, async (client) => {
      const sent = send(victim.url, upload.body)
      while ((await waitersForCommit(client)) === 0 || !hasContent(site, upload)) await sleep(5)
      await kill()
      return [sent]
    })
    return answer
  }
  let isAnswered = false
  const answer = send(victim.url, upload.body).finally(() => (isAnswered = true))
  while (!isAnswered && !(await hasRow(site, upload))) await sleep(1)
  await kill()
  return answer
}

const digestOf = ({ content }: Upload) => createHash('sha256').update(content).digest('hex')

const pathOf = (upload: Upload) => new RegExp(digestOf(upload))

const hasContent = ({ double }: Torture['site'], upload: Upload) =>
  [...double.objects.keys()].some((key) => key.endsWith(digestOf(upload)))

async function hasRow(site: Torture['site'], { uuid }: Upload): Promise<boolean> {
  return (await site.ask('SELECT 1 FROM "Build" WHERE uuid = $1', [uuid])).length > 0
}

/** Resolves when half of the body is with the server's machine. */
function sendHalf({ port }: ServerProcess, { body }: Upload): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      const credentials = Buffer.from(`${alice.name}:${alice.password}`).toString('base64')
      socket.write(
        `POST /upload HTTP/1.1\r\nHost: hub\r\nAuthorization: Basic ${credentials}\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
      socket.write(body.subarray(0, body.length >> 1), () => resolve())
    })
    socket.on('error', () => resolve())
  })
}
