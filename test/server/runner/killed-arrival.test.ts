import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, onTestFinished, test } from 'vitest'
import { serverActor as actor } from '../../../server/audit/actor.ts'
import { readConfig } from '../../../server/config.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { writePlainMail } from '../../../server/notifications/plain-mail.ts'
import { openDeps } from '../../../server/start-server.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { addEndpoint } from '../../../server/webhooks/manage-endpoints.ts'
import { alice, projectDir, temporaryDir } from '../../app.ts'
import { emptyDatabase, isSqlite } from '../../database.ts'
import { testProgram } from '../../programs.ts'
import { sampleRecord } from '../../record.ts'
import { hookSite } from '../hooks/hook-site.ts'
import { mailServer } from '../notifications/mail-server.ts'
import { receiver } from '../webhooks/receiver.ts'

/** What an upload causes takes so long: a server can be killed meanwhile. */
const effectMs = 150

const now = () => new Date()
const siteUrl = 'https://hub.example.org'

/** What an upload, and a mail that is written, cause. */
const all = ['HOOK', 'SEND_MAIL', 'DELIVER_WEBHOOKS'] as const
type Caused = (typeof all)[number]

/** A site with a hook, a webhook and a mail server, to which a build has come. Each has an effect once a server runs the tasks. */
async function arrivedSite() {
  const dir = temporaryDir()
  const hooks = hookSite(dir)
  hooks.install('note.sh', `echo "$BUILDER_HUB_EVENT_ID" >> ${dir}/ran; sleep ${effectMs / 1_000}`)
  const webhook = await receiver((response) => void sleep(effectMs).then(() => response.end()))
  const smtp = await mailServer({}, effectMs)
  const env = {
    ...{ BUILDER_HUB_DATA_DIR: dir, BUILDER_HUB_CONFIG_DIR: dir, BUILDER_HUB_LOG_LEVEL: 'silent' },
    BUILDER_HUB_DATABASE_URL: inject('postgresqlUrl') === undefined ? '' : await emptyDatabase(),
    ...{ BUILDER_HUB_WEBHOOK_ALLOW: '127.0.0.0/8', BUILDER_HUB_PUBLIC_URL: siteUrl },
    ...{ BUILDER_HUB_SMTP_URL: smtp.url, BUILDER_HUB_MAIL_FROM: 'hub@example.org' },
  }
  const config = readConfig(env)
  const deps = await openDeps(config, projectDir)
  onTestFinished(async () => {
    await deps.workers.close()
    await deps.closeDatabase()
  })
  const { db, writer } = deps
  await addUser(writer, { actor, at: now() }, { ...alice, unrestricted: true })
  const { id: userId } = await db.user.findFirstOrThrow()
  await addEndpoint(deps, { actor, at: now() }, { url: webhook.url, types: ['build.stored'] })
  await receiveBuild(deps, null, encodeExecRecord(sampleRecord()), {}, actor)
  const mail = {
    userId,
    recipient: 'a@example.org',
    kind: 'TEST',
    subject: 'a',
    paragraphs: [],
    link: siteUrl,
  } as const
  const settings = { smtpUrl: smtp.url, from: config.mailFrom, siteUrl }
  await writer.transact([], (tx) => writePlainMail(tx, settings, now(), mail))
  /** The ids by which receivers know what they have got before. */
  const idsOf: Record<Caused, () => string[]> = {
    HOOK: () => hooks.lines('ran'),
    DELIVER_WEBHOOKS: () => webhook.received.map(({ headers }) => String(headers['webhook-id'])),
    SEND_MAIL: () => smtp.received.map(({ mail: { messageId = '' } }) => messageId),
  }
  const stateOf: Record<Caused | 'DISPATCH_EVENTS', () => Promise<string | undefined>> = {
    HOOK: async () => (await db.hookRun.findFirst())?.state,
    DELIVER_WEBHOOKS: async () => (await db.webhookDelivery.findFirst())?.state,
    SEND_MAIL: async () => (await db.mail.findFirst())?.state,
    DISPATCH_EVENTS: async () => ((await db.webhookDelivery.count()) === 0 ? undefined : 'WRITTEN'),
  }
  return { env, idsOf, stateOf }
}

test('a server that is killed at any step runs hooks and sends mails and webhooks again, with the same id, and never not', async () => {
  const { env, idsOf, stateOf } = await arrivedSite()
  const counts = () => all.map((kind) => idsOf[kind]().length)
  /** Lets a server run tasks of these kinds until all are at a step. `never`: until the receivers have what it sends. */
  const dieAt = async (kinds: readonly string[], step: string) => {
    const args = [testProgram('killed-tasks'), kinds.join(), step]
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'inherit' })
    const ended = once(child, 'exit')
    onTestFinished(() => void child.kill('SIGKILL'))
    if (step === 'never') {
      await expect.poll(counts, { interval: 5 }).toEqual([1, 1, 1])
      child.kill('SIGKILL')
    }
    expect(await ended, step).toEqual([null, 'SIGKILL'])
  }
  const states = () => Promise.all((['DISPATCH_EVENTS', ...all] as const).map((kind) => stateOf[kind]()))
  const waiting = ['WRITTEN', expect.stringMatching(/PENDING|RUNNING/), 'PENDING', 'PENDING']
  if (isSqlite) {
    await dieAt(['DISPATCH_EVENTS'], 'completing')
    expect((await states())[0]).toBeUndefined()
  }
  await dieAt(['DISPATCH_EVENTS'], 'completed')
  if (isSqlite) {
    await dieAt(all, 'claimed')
    await dieAt(all, 'never')
    for (const kind of all) await dieAt([kind], 'completing')
  }
  await dieAt(all, 'ran')
  expect(await states()).toEqual(waiting)
  await dieAt(all, 'completed')
  expect(await states()).toEqual(['WRITTEN', 'SUCCEEDED', 'SENT', 'DELIVERED'])
  // "never", "completing", "ran" and "completed" each had their effect.
  expect(counts()).toEqual(isSqlite ? [4, 4, 4] : [2, 2, 2])
  for (const kind of all) expect(new Set(idsOf[kind]()).size, kind).toBe(1)
})
