import type { BuilderCommand, ScriptJob } from '../../../server/formats/builder-commands.ts'
import { int, seq, text, time, tlv } from '../sample-record.ts'

export const uuid = '5ec0ffee-0000-4000-8000-00000000000a'
export const uuidDer = text(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
export const nil = tlv(0x05)
export const choice = (n: number, ...content: Uint8Array[]) => tlv(0xa0 | n, ...content)

const job: ScriptJob = { name: 'hi', script: Buffer.from('#!x\n'), platform: 'p' }
export const jobDer = seq(text('hi'), text('#!x\n'), seq(), text('p'))
const orbBuild = { name: 'd', opamPackage: 'pkg' }
const orbBuildDer = seq(text('d'), text('pkg'))
const next = new Date('2026-03-14T15:09:26.500Z')
export const nextDer = time('20260314150926.500Z')
const exited = choice(0, int(0))

/** Each command with its octets, which are put together by hand from builder's grammar. */
export const sampleCommands: readonly [string, Buffer, BuilderCommand][] = [
  [
    'a hello of a client',
    choice(14, seq(choice(0, nil), int(13))),
    { kind: 'clientHello', peer: 'client', version: 13n },
  ],
  [
    'a hello of a worker',
    choice(14, seq(choice(1, nil), int(3, 0xe8))),
    { kind: 'clientHello', peer: 'worker', version: 1000n },
  ],
  ['the answer to a hello', choice(15, nil), { kind: 'serverHello' }],
  ['a request for a job', choice(16, text('p')), { kind: 'jobRequested', platform: 'p' }],
  ['a job for a worker', choice(2, seq(uuidDer, jobDer)), { kind: 'jobSchedule', uuid, job }],
  [
    'a line of any bytes',
    choice(4, seq(uuidDer, text(Buffer.of(0xff, 0, 0x0a)))),
    { kind: 'output', uuid, text: Buffer.of(0xff, 0, 0x0a) },
  ],
  [
    'a line with its time',
    choice(4, seq(uuidDer, text(''), int(0x0f, 0x42, 0x40))),
    { kind: 'outputTimestamped', uuid, text: Buffer.of(), deltaNs: 1_000_000n },
  ],
  [
    'a job that has exited',
    choice(3, seq(uuidDer, exited, seq(seq(text('a.b'), text('hi'))))),
    {
      kind: 'jobFinished',
      uuid,
      result: { kind: 'exited', code: 0n },
      files: [{ path: 'a.b', data: Buffer.from('hi') }],
    },
  ],
  [
    'a job that a signal has ended',
    choice(3, seq(uuidDer, choice(1, int(0xf9)), seq())),
    { kind: 'jobFinished', uuid, result: { kind: 'signalled', signal: -7n }, files: [] },
  ],
  [
    'a job that was stopped',
    choice(3, seq(uuidDer, choice(2, int(19)), seq())),
    { kind: 'jobFinished', uuid, result: { kind: 'stopped', signal: 19n }, files: [] },
  ],
  [
    'a job that was never run',
    choice(3, seq(uuidDer, choice(3, text(Buffer.of(0xff, 0))), seq())),
    { kind: 'jobFinished', uuid, result: { kind: 'aborted', message: new Uint8Array([0xff, 0]) }, files: [] },
  ],
  [
    'a job to be scheduled',
    choice(5, seq(choice(0, nil), jobDer)),
    { kind: 'schedule', period: 'HOURLY', job },
  ],
  [
    'an opam package to be scheduled',
    choice(12, seq(choice(2, nil), orbBuildDer)),
    { kind: 'scheduleOrbBuild', period: 'WEEKLY', job: orbBuild },
  ],
  ['a job to be forgotten', choice(9, text('hi')), { kind: 'unschedule', name: 'hi' }],
  [
    'another time',
    choice(13, seq(text('hi'), nextDer)),
    { kind: 'reschedule', name: 'hi', next, period: null },
  ],
  [
    'another time and period',
    choice(13, seq(text('hi'), nextDer, choice(1, nil))),
    { kind: 'reschedule', name: 'hi', next, period: 'DAILY' },
  ],
  ['a job to be run', choice(20, seq(text('hi'))), { kind: 'execute', name: 'hi', platform: null }],
  [
    'a job to be run on a platform',
    choice(20, seq(text('hi'), text('p'))),
    { kind: 'execute', name: 'hi', platform: 'p' },
  ],
  ['a question', choice(6, nil), { kind: 'info' }],
  [
    'an answer',
    choice(
      22,
      seq(
        seq(
          seq(nextDer, choice(3, nil), choice(0, jobDer)),
          seq(nextDer, choice(1, nil), choice(1, orbBuildDer)),
        ),
        seq(seq(text('p'), seq(choice(0, jobDer))), seq(text('q'), seq())),
        seq(seq(nextDer, uuidDer, jobDer)),
        seq(text('gone')),
      ),
    ),
    {
      kind: 'infoReply',
      info: {
        schedules: [
          { next, period: 'NEVER', job: { kind: 'SCRIPT', job } },
          { next, period: 'DAILY', job: { kind: 'OPAM_PACKAGE', job: orbBuild } },
        ],
        queues: [
          { platform: 'p', jobs: [{ kind: 'SCRIPT', job }] },
          { platform: 'q', jobs: [] },
        ],
        running: [{ startedAt: next, uuid, job }],
        droppedPlatforms: ['gone'],
      },
    },
  ],
  ['a console to be observed', choice(10, uuidDer), { kind: 'observe', uuid }],
  ['a platform to be dropped', choice(17, text('p')), { kind: 'dropPlatform', platform: 'p' }],
  ['a platform to be taken back', choice(21, text('p')), { kind: 'undropPlatform', platform: 'p' }],
  ['success', choice(18, nil), { kind: 'success' }],
  ['a failure', choice(19, text('no')), { kind: 'failure', message: 'no' }],
]
