import type { ExtensionMessage } from '../../../server/formats/worker-extension.ts'
import { int, seq, text, tlv } from '../sample-record.ts'
import { choice, jobDer, nil, uuid, uuidDer } from './sample-commands.ts'

const message = (n: number, content: Uint8Array) => choice(30, choice(n, content))
const job = { name: 'hi', script: Buffer.from('#!x\n'), platform: 'p' }
const yes = tlv(0x01, Buffer.of(0xff))
const no = tlv(0x01, Buffer.of(0))

/** Each message with its octets, which are put together by hand from the grammar. */
export const sampleMessages: readonly [Buffer, ExtensionMessage][] = [
  [
    message(0, seq(text('w1'), text('p'), int(0), int(4), text('hub 1'), text('t'))),
    { kind: 'introduction', name: 'w1', platform: 'p', slot: 0, slots: 4, software: 'hub 1', token: 't' },
  ],
  [message(1, seq(int(15))), { kind: 'welcome', heartbeatSeconds: 15 }],
  [message(2, nil), { kind: 'request' }],
  [
    message(3, seq(uuidDer, jobDer, int(60), yes, int(1), int(2), int(5, 0xdc))),
    {
      kind: 'run',
      uuid,
      job,
      timeoutSeconds: 60,
      limits: { allowsNetwork: true, memoryBytes: 1, diskBytes: 2, cpus: 1.5 },
    },
  ],
  [
    message(3, seq(uuidDer, jobDer, int(60), no, int(0), int(0), int(0))),
    {
      kind: 'run',
      uuid,
      job,
      timeoutSeconds: 60,
      limits: { allowsNetwork: false, memoryBytes: null, diskBytes: null, cpus: null },
    },
  ],
  [
    message(4, seq(uuidDer, int(7), seq(seq(int(5), text(Buffer.of(0xff))), seq(int(6), text(''))))),
    {
      kind: 'lines',
      uuid,
      first: 7,
      lines: [
        { deltaNs: 5n, text: Buffer.of(0xff) },
        { deltaNs: 6n, text: Buffer.of() },
      ],
    },
  ],
  [message(5, seq(uuidDer, int(9))), { kind: 'linesStored', uuid, count: 9 }],
  [message(6, seq(uuidDer)), { kind: 'resume', uuid }],
  [message(7, seq(uuidDer, int(3))), { kind: 'resumed', uuid, lineCount: 3 }],
  [
    message(8, seq(uuidDer, text('a/b'), int(1, 0xed), int(2))),
    { kind: 'file', uuid, path: 'a/b', mode: 0o755, sizeBytes: 2 },
  ],
  [message(9, tlv(0x04, 'hi')), { kind: 'bytes', data: Buffer.from('hi') }],
  [
    message(10, seq(uuidDer, choice(0, int(0)), text('out of memory'), int(1))),
    { kind: 'ended', uuid, result: { kind: 'exited', code: 0n }, detail: 'out of memory', fileCount: 1 },
  ],
  [message(11, seq(uuidDer, text('over'))), { kind: 'refused', uuid, reason: 'over' }],
  [message(12, seq(uuidDer)), { kind: 'stored', uuid }],
  [message(13, seq(uuidDer, text('by scooby'))), { kind: 'cancel', uuid, reason: 'by scooby' }],
  [message(14, nil), { kind: 'ping' }],
  [message(15, nil), { kind: 'pong' }],
  [message(16, nil), { kind: 'leaving' }],
  [message(17, text('t')), { kind: 'authorization', token: 't' }],
]
