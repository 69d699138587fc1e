import { analysisHandlers, createAnalysisWorkers } from '../../../server/analyses/analysis-handlers.ts'
import { kinds } from '../../../server/analyses/kinds.ts'
import type { Actor } from '../../../server/audit/actor.ts'
import { serverActor } from '../../../server/audit/actor.ts'
import type { Clock } from '../../../server/clock.ts'
import { systemClock } from '../../../server/clock.ts'
import { recordEvents, type NewEvent } from '../../../server/event-log/record-events.ts'
import type { QueuedTaskId } from '../../../server/ids.ts'
import { setEmailOfUser } from '../../../server/notifications/change-address.ts'
import { subscribe } from '../../../server/notifications/change-subscriptions.ts'
import type { Choice } from '../../../server/notifications/subscription.ts'
import { usualTransitions } from '../../../server/notifications/transition.ts'
import { notifyHandler } from '../../../server/notifications/notify-handler.ts'
import { sendMailHandler } from '../../../server/notifications/send-mail-handler.ts'
import type { TaskHandler } from '../../../server/runner/handler.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { encodeExecRecord, type ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { testApp } from '../../app.ts'

const minuteMs = 60_000
export const siteUrl = 'https://hub.example.org'

/** A site that sends mails to `smtpUrl`, on a clock that tests move, and whose tasks run when a test says so. */
export async function notifySite(smtpUrl: string, startsAt = '2026-11-02T12:00:00Z') {
  let nowMs = Date.parse(startsAt)
  const clock: Clock = { ...systemClock, now: () => new Date(nowMs) }
  const app = await testApp({
    clock,
    env: {
      ...{ BUILDER_HUB_SMTP_URL: smtpUrl, BUILDER_HUB_MAIL_FROM: 'Builder Hub <hub@example.org>' },
      BUILDER_HUB_PUBLIC_URL: siteUrl,
    },
  })
  const { deps } = app
  const { db, writer } = deps
  const alice = await db.user.findFirstOrThrow()
  const notify = notifyHandler({ ...deps, kinds })
  const send = sendMailHandler(deps)
  let progress: string | null = null

  async function run<Result>(handler: TaskHandler<Result>, key = ''): Promise<Result> {
    const task = {
      ...{ kind: handler.kind, key, attempts: 1, claims: 1, payload: null },
      id: 1 as QueuedTaskId,
      progress,
    }
    const result = await handler.run(task, new AbortController().signal)
    await writer.transact([], async (tx) => handler.complete?.(tx, task, result))
    return result
  }

  /** One run of the minute, and of the mails that it has written. Returns the errors of mails. */
  async function tick(): Promise<unknown[]> {
    const outcome = await run(notify)
    progress = notify.record?.(outcome).progress ?? null
    return sendAll()
  }

  async function sendAll(): Promise<unknown[]> {
    const errors: unknown[] = []
    for (const { id } of await db.mail.findMany({ where: { state: 'PENDING' }, orderBy: { id: 'asc' } }))
      await run(send, String(id)).catch((error: unknown) => errors.push(error))
    return errors
  }

  return {
    ...{ app, deps, db, alice, clock, tick, sendAll, run, notify, send },
    now: () => new Date(nowMs),
    /** Moves the clock, and runs what is due every `step` minutes. */
    async pass(minutes: number, step = 10) {
      for (let passed = 0; passed < minutes; passed += step) {
        nowMs += Math.min(step, minutes - passed) * minuteMs
        await tick()
      }
    },
    /** Moves the clock alone. */
    wait: (minutes: number) => void (nowMs += minutes * minuteMs),
    async subscribe(more: Partial<Choice> = {}) {
      const { name, id } = alice
      await setEmailOfUser(writer, { actor: serverActor, at: clock.now() }, name, 'alice@example.org')
      const usual = { jobs: ['*'], platforms: null, events: usualTransitions, digest: 'INSTANT' as const }
      return subscribe(writer, id, { ...usual, ...more }, clock.now())
    },
    /** Writes an event as an upload does. */
    event(
      type: NewEvent['type'],
      job: string,
      build: string,
      data: object = {},
      platform: string | null = 'debian-12',
    ) {
      const event = {
        type,
        dedupeKey: `${type} ${build} ${JSON.stringify(data)}`,
        job,
        platform,
        build,
        data,
      }
      return writer.transact([], (tx) => recordEvents(tx, [event], clock.now()))
    },
    /** Reads the consoles of builds that failed, as the server does. */
    async analyse() {
      const workers = createAnalysisWorkers({ niceness: 0 })
      const runner = createTaskRunner(deps, analysisHandlers(deps, { kinds, workers }))
      await runner.start()
      await runner.settled()
      await runner.close()
    },
    /** Stores a build. Copies have no actor. */
    upload: (record: ExecRecord, actor: Actor | null = serverActor) =>
      receiveBuild(deps, null, toAsync(encodeExecRecord(record)), {}, actor),
  }
}

async function* toAsync(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  yield* chunks
}

export type NotifySite = Awaited<ReturnType<typeof notifySite>>
