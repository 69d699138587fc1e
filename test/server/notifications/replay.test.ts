import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { file, sampleRecord } from '../../record.ts'
import { mailServer } from './mail-server.ts'
import { notifySite } from './notify-site.ts'

const jobs = Array.from({ length: 27 }, (_, number) => `unikernel-${number}`)

const switchOf = (job: string, dns: string) =>
  `opam-version: "2.0"\ncompiler: ["ocaml.5.2.0"]\nroots: ["${job}.1"]\ninstalled: ["dns.${dns}" "${job}.1" "ocaml.5.2.0"]\n`

const error = [
  '#=== ERROR while compiling dns.7.0.3 ==========================================#',
  'File "src/dns.ml", line 12, characters 4-9:',
  'Error: Unbound value foo',
]

/** The nights of a week: a version of dns that does not compile arrives on the second, and is gone on the fourth. */
function nightOf(job: string, night: number, at: Date): ExecRecord {
  const isBroken = night === 1 || night === 2
  return sampleRecord({
    ...{ job, uuid: randomUUID(), startedAt: at, finishedAt: new Date(at.getTime() + 60_000) },
    result: { kind: 'exited', code: isBroken ? 1n : 0n },
    console: (isBroken ? error : ['done']).map((text) => ({ deltaNs: 1n, text: Buffer.from(text) })),
    artifacts: [
      file('opam-switch', switchOf(job, isBroken ? '7.0.3' : '7.0.2')),
      file('build-environment', 'PATH=/usr/bin\n'),
      file('system-packages', 'gcc=12.2.0\n'),
      ...(isBroken ? [] : [file('bin/hello.hvt', `${job} is the same each night`)]),
    ],
  })
}

test('a week in which one dependency breaks 27 jobs is at most three mails', async () => {
  const smtp = await mailServer()
  const site = await notifySite(smtp.url, '2026-11-02T01:00:00Z')
  await site.subscribe()
  for (let night = 0; night < 4; night++) {
    // A builder needs three hours for all.
    for (const [index, job] of jobs.entries()) {
      await site.upload(nightOf(job, night, new Date(site.now().getTime() - 60_000)))
      if (night === 1 && index === 0) await site.analyse()
      if (night > 0 && index % 3 === 2) await site.pass(7, 7)
      else site.wait(7)
    }
    await site.pass(60, 20)
    await site.pass(24 * 60 - 27 * 7 - 60, 400)
  }
  expect(smtp.subjects()).toEqual([
    expect.stringMatching(/^\d+ jobs newly failing since dns 7\.0\.2 → 7\.0\.3$/),
    expect.stringMatching(/^The last day: \d+ newly failing$/),
    '27 jobs fixed since dns 7.0.2 → 7.0.3',
  ])
  const [{ mail } = {}] = smtp.received
  expect(mail?.text).toContain('Error: Unbound value foo')
  expect(mail?.text).toContain('changed since the last success: dns 7.0.2 → 7.0.3')
  expect(mail?.text).toMatch(/\/job\/unikernel-0\/build\/[\w-]{36}#L\d/)
})
