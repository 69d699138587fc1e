import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startBuilderListener, type BuilderListener } from '../../../server/builder-protocol/listener.ts'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import type { BuilderCommand, BuilderInfo, BuilderJob } from '../../../server/formats/builder-commands.ts'
import { testApp, type TestApp } from '../../app.ts'
import { hasCorpus } from '../../corpus.ts'
import { deviations } from './deviations.ts'
import { emptySchedule } from '../scheduling/scheduling-site.ts'
import { answersIn, inTheFuture, setUp } from './presupposed.ts'
import { commandIn, type RecordedSession, recordedSessions } from './recorded-sessions.ts'
import { dial, type WirePeer } from './wire-peer.ts'

const timeout = 60_000

describe.skipIf(!hasCorpus)('with the corpus', () => {
  let app: TestApp
  let listener: BuilderListener
  beforeAll(async () => {
    app = await testApp({ keep: true, env: { BUILDER_HUB_BUILDER_LISTEN: '127.0.0.1:0' } })
    await app.deps.scheduler.start()
    listener = await startBuilderListener(app.deps)
  })
  // The connections of the test before end after its hooks.
  beforeEach(async () => {
    await vi.waitUntil(
      async () => (await app.deps.db.runTry.count({ where: { state: { not: 'ENDED' } } })) === 0,
      {
        timeout,
      },
    )
    await emptySchedule(app.deps)
  })
  afterAll(async () => {
    await listener.close()
    await app.deps.scheduler.close()
    await app.close()
  })

  const sessions = recordedSessions()

  test('it has the sessions that the table names', () => {
    expect(sessions.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(deviations)))
    expect(sessions.length).toBeGreaterThan(150)
  })

  test.each(sessions.map((session) => [`${session.name}: ${session.label}`, session] as const))(
    '%s',
    async (_name, session) => {
      const site = { deps: app.deps, address: listener.address }
      const deviation = deviations[session.name]
      const { uuids, meanwhile } =
        deviation?.presupposes === 'nothing'
          ? { uuids: new Map<string, string>(), meanwhile: async () => {} }
          : await setUp(site, session)
      const peer = await dial(listener.address)
      const answers = await replay(peer, session, {
        uuids,
        meanwhile,
        most: deviation?.answers.length ?? Infinity,
      })
      if (deviation) expect(answers.map(wordsOf)).toEqual(deviation.answers)
      else {
        const expected = session.events.flatMap((event) =>
          event.kind === 'answered' ? [decodeCommand(event.octets.subarray(8))] : [],
        )
        expect(answers.map((answer) => comparable(answer))).toEqual(
          expected.map((answer) => comparable(shifted(answer), uuids)),
        )
      }
      await expectEnd(app, session, uuids)
    },
  )
})

/**
 * Sends what was sent, and reads as many answers as there were before that. Returns all answers until the hub closes. `most`:
 * how many answers there are.
 */
async function replay(
  peer: WirePeer,
  { events }: RecordedSession,
  { uuids, meanwhile, most }: { uuids: Map<string, string>; meanwhile: () => Promise<void>; most: number },
): Promise<BuilderCommand[]> {
  const answers: BuilderCommand[] = []
  const sent = events.filter(({ kind }) => kind === 'sent').length
  let sentCount = 0
  for (const event of events) {
    if (event.kind === 'sent') {
      peer.write(renamed(event.octets, uuids))
      if (++sentCount === sent) await meanwhile()
    } else if (event.kind === 'answered') {
      if (answers.length === most) continue
      const answer = await peer.read()
      if (!answer) throw new Error(`the hub closed after ${answers.length} answers`)
      answers.push(answer)
      const recorded = commandIn(event.octets)
      if (answer.kind === 'jobSchedule' && recorded?.kind === 'jobSchedule')
        uuids.set(recorded.uuid, answer.uuid)
    } else if (event.kind === 'peer closes') peer.socket.end()
  }
  // A killed server closed what the hub keeps open.
  if (!events.some(({ kind }) => kind === 'peer closes')) peer.socket.end()
  return [...answers, ...(await peer.readAll())]
}

/** The octets with the UUIDs of this site. */
function renamed(octets: Buffer, uuids: ReadonlyMap<string, string>): Buffer {
  let hex = octets.toString('hex')
  for (const [recorded, own] of uuids)
    hex = hex.replaceAll(recorded.replaceAll('-', ''), own.replaceAll('-', ''))
  return Buffer.from(hex, 'hex')
}

/** What a job came to: its build is stored, or its run waits again. */
async function expectEnd({ deps }: TestApp, session: RecordedSession, uuids: ReadonlyMap<string, string>) {
  const [assigned] = answersIn(session).filter(({ kind }) => kind === 'jobSchedule')
  const uuid = assigned?.kind === 'jobSchedule' ? uuids.get(assigned.uuid) : undefined
  if (uuid === undefined) return
  await vi.waitUntil(async () => (await deps.db.runTry.findUnique({ where: { uuid } }))?.state === 'ENDED', {
    timeout,
  })
  const sent = session.events.flatMap((event) => (event.kind === 'sent' ? [commandIn(event.octets)] : []))
  const finished = sent.find((command) => command?.kind === 'jobFinished')
  const build = await deps.db.build.findUnique({
    where: { uuid },
    include: { artifacts: { select: { path: true } } },
  })
  const attempt = await deps.db.runTry.findUniqueOrThrow({ where: { uuid }, include: { run: true } })
  if (deviations[session.name]?.run !== undefined) {
    expect([attempt.ending, attempt.run.state]).toEqual(deviations[session.name]?.run)
    return
  }
  if (finished?.kind !== 'jobFinished') {
    expect([attempt.ending, attempt.run.state]).toEqual(['PUT_BACK', 'QUEUED'])
    return
  }
  expect(attempt.ending).toBe('STORED')
  // The readme becomes the description of the build.
  const files = finished.files.map(({ path }) => path).filter((path) => path !== 'README.md')
  expect(build?.artifacts.map(({ path }) => path).toSorted()).toEqual(files.toSorted())
}

/** The answer with the times that the schedules have here. */
function shifted(command: BuilderCommand): BuilderCommand {
  if (command.kind !== 'infoReply') return command
  const schedules = command.info.schedules.map((one) => ({ ...one, next: inTheFuture(one.next) }))
  return { ...command, info: { ...command.info, schedules } }
}

/** An answer without what differs in each run: times, and the order of lists that have none. */
function comparable(command: BuilderCommand, uuids: ReadonlyMap<string, string> = new Map()): unknown {
  const here = (uuid: string) => uuids.get(uuid) ?? uuid
  switch (command.kind) {
    case 'outputTimestamped':
      return { ...command, uuid: here(command.uuid), text: text(command.text), deltaNs: 0n }
    case 'jobSchedule':
      return {
        ...command,
        uuid: here(command.uuid),
        job: comparableJob({ kind: 'SCRIPT', job: command.job }),
      }
    case 'infoReply':
      return { kind: command.kind, info: comparableInfo(command.info, here) }
    default:
      return command
  }
}

function comparableInfo(info: BuilderInfo, here: (uuid: string) => string) {
  return {
    schedules: info.schedules
      .map(({ job, ...rest }) => ({ ...rest, job: comparableJob(job) }))
      .toSorted((left, right) => left.job.name.localeCompare(right.job.name)),
    queues: info.queues
      .map(({ platform, jobs }) => ({ platform, jobs: jobs.map(comparableJob) }))
      .toSorted((left, right) => left.platform.localeCompare(right.platform)),
    running: info.running.map(({ uuid, job }) => ({
      uuid: here(uuid),
      job: comparableJob({ kind: 'SCRIPT', job }),
    })),
    droppedPlatforms: info.droppedPlatforms.toSorted(),
  }
}

function comparableJob({ kind, job }: BuilderJob) {
  return kind === 'SCRIPT' ? { ...job, script: text(job.script) } : job
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

function wordsOf(command: BuilderCommand): string {
  return command.kind === 'failure' ? `failure: ${command.message}` : command.kind
}
