import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { readQueues } from '../../../server/admin/read-queues.ts'
import { serverActor as actor } from '../../../server/audit/actor.ts'
import { listMails } from '../../../server/notifications/list-mails.ts'
import { writePlainMail } from '../../../server/notifications/plain-mail.ts'
import { sendMailHandler } from '../../../server/notifications/send-mail-handler.ts'
import { createLog } from '../../../server/log.ts'
import { createMetrics } from '../../../server/metrics/metrics.ts'
import { pauseAfter } from '../../../server/runner/run-ending.ts'
import { retryTask } from '../../../server/runner/retry-task.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { temporaryDir } from '../../app.ts'
import { freshDatabase } from '../../database.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { mailServer, refusal } from './mail-server.ts'

const siteUrl = 'https://hub.example.org'

/** After each attempt; an hour after all others. */
const pausesMs = [15_000, 60_000, 240_000, 960_000, 3_600_000, 3_600_000]

test('the pauses between all attempts are a day', () => {
  const { maxAttempts, retryPauseMs } = sendMailHandler({} as never)
  const pauses = Array.from({ length: maxAttempts - 1 }, (_, index) => pauseAfter(index + 1, retryPauseMs, 1))
  expect(pauses.slice(0, 6)).toEqual(pausesMs)
  expect(Math.round(pauses.reduce((sum, one) => sum + one, 0) / 3_600_000)).toBe(25)
})

/** A server that sends mails on a clock that tests move, and that leaves nothing of a pause to chance. */
async function sendingSite(smtpUrl: string) {
  const dir = temporaryDir()
  const clock = fakeClock()
  const database = await freshDatabase(dir)
  const config = readConfig({
    ...{ BUILDER_HUB_DATA_DIR: dir, BUILDER_HUB_SMTP_URL: smtpUrl, BUILDER_HUB_PUBLIC_URL: siteUrl },
    BUILDER_HUB_MAIL_FROM: 'hub@example.org',
  })
  const deps = { ...database, config, clock, metrics: createMetrics(), log: createLog('silent') }
  const runner = createTaskRunner(deps, [sendMailHandler(deps)], { clock, random: () => 1, drainMs: 0 })
  onTestFinished(async () => {
    await runner.close()
    await database.closeDatabase()
  })
  const { id: userId } = await database.db.user.findFirstOrThrow()
  const settings = { smtpUrl, from: config.mailFrom, siteUrl }
  return {
    ...{ clock, runner, metrics: deps.metrics, ...database },
    write: (recipient: string) =>
      database.writer.transact(['tasks'], (tx) =>
        writePlainMail(tx, settings, clock.now(), {
          ...{ userId, recipient, kind: 'TEST', subject: `to ${recipient}`, paragraphs: [], link: siteUrl },
        }),
      ),
  }
}

test('a mail that cannot be sent is tried for a day, then is dead until somebody retries it', async () => {
  let isFull = true
  const smtp = await mailServer({
    onRcptTo: ({ address }, _session, callback) =>
      callback(isFull && address === 'full@example.org' ? refusal(452, '4.2.2 mailbox full') : null),
  })
  const { clock, db, metrics, runner, write, writer } = await sendingSite(smtp.url)
  await write('full@example.org')
  await runner.start()
  const task = () => db.queuedTask.findFirstOrThrow({ where: { kind: 'SEND_MAIL', key: '1' } })
  for (const [index, pauseMs] of pausesMs.slice(0, 3).entries()) {
    const attempts = index + 1
    await expect.poll(task, { interval: 10 }).toMatchObject({ state: 'PENDING', attempts })
    expect((await task()).dueAt.getTime() - clock.nowMs()).toBe(pauseMs)
    if (attempts === 1) {
      await write('well@example.org')
      await expect.poll(() => smtp.subjects()).toEqual(['to well@example.org'])
    }
    // The others have the pauses of the test above.
    if (attempts === 3)
      await writer.transact([], (tx) =>
        tx.queuedTask.update({ where: { id: 1 as never }, data: { attempts: 29 } }),
      )
    await expect
      .poll(
        async () => {
          // The runner may set its timer after the clock was moved.
          clock.advance(Math.max(0, (await task()).dueAt.getTime() - clock.nowMs()))
          return (await task()).attempts
        },
        { interval: 10 },
      )
      .toBe(attempts === 3 ? 30 : attempts + 1)
  }
  await expect.poll(task).toMatchObject({ state: 'DEAD', attempts: 30 })
  expect(await listMails(db, { isFailed: true })).toMatchObject([
    {
      ...{ state: 'FAILED', recipient: 'full@example.org', attempts: 30 },
      answer: expect.stringMatching(/mailbox full; it was tried 30 times$/) as string,
    },
  ])
  expect(await readQueues(db)).toMatchObject([{ kind: 'SEND_MAIL', deadCount: 1 }])
  // Nobody has been given up: the address is as good as before.
  expect(await db.user.findFirstOrThrow()).toMatchObject({ emailProblem: null })
  expect(await metrics.mails.get()).toMatchObject({
    values: expect.arrayContaining([{ value: 4, labels: { outcome: 'failed' } }]) as unknown[],
  })

  isFull = false
  await retryTask(writer, { actor, at: clock.now() }, (await task()).id)
  await expect.poll(task).toMatchObject({ state: 'DONE' })
  expect(smtp.subjects()).toEqual(['to well@example.org', 'to full@example.org'])
  expect(await listMails(db, { isFailed: true })).toEqual([])
})
