import { linkProgram, type ProgramUnit } from '../../demo/ocaml-program.ts'
import type { ExecFile, ExecRecord } from '../../server/formats/exec-record-encoder.ts'

/** Builds for the picture of binary size: with symbols, without, with hostile names, and no binary at all. */

export const sizeJob = 'sized'

/** UUIDs by what the build is for. */
export const sized = {
  /** In `after`, Resolver grew, Cache vanished and Metrics appeared. */
  before: 'c0400000-0000-4000-8000-000000000001',
  after: 'c0400000-0000-4000-8000-000000000002',
  /** Its binary has no symbols. */
  stripped: 'c0400000-0000-4000-8000-000000000003',
  /** Its main binary is no ELF file. */
  script: 'c0400000-0000-4000-8000-000000000004',
  hostile: 'c0400000-0000-4000-8000-000000000005',
  /** It failed, and made nothing. */
  failed: 'c0400000-0000-4000-8000-000000000006',
  /** Starts like an ELF file, and ends there. */
  broken: 'c0400000-0000-4000-8000-000000000007',
} as const

/** Would run if anything took it for HTML, and reads backwards where it can. */
export const hostileModule = 'Evil<img_src=x_onerror=alert(1)>\u202Eelud'

const unit = (name: string, codeKiB: number, directory: string): ProgramUnit => ({
  name,
  codeKiB,
  origin: `${name} of ${codeKiB}`,
  directory,
})

const dns = 'sized/duniverse/dns/src'

function program(units: readonly ProgramUnit[]) {
  return linkProgram({
    compiler: '5.2.1',
    units: [...units, unit('Main', 6, 'sized')],
    stubs: [],
    runsOn: { kind: 'unix', platform: 'debian-12' },
    texts: ['sized 1.0'],
  })
}

const before = () => program([unit('Resolver', 24, dns), unit('Cache', 16, dns), unit('Packet', 30, dns)])
const after = () => program([unit('Resolver', 56, dns), unit('Packet', 30, dns), unit('Metrics', 12, dns)])

/** `now`: milliseconds since 1970; the builds lie in the hours before. */
export function* sizeSamples(now: number): Generator<ExecRecord> {
  const [old, young] = [before(), after()]
  const odd = program([unit(hostileModule, 20, '/x/_opam/lib/"><script>document.title=1</script>')])
  const files: Record<keyof typeof sized, ExecFile[]> = {
    before: [file('bin/sized', old.stripped), file('sized.debug', old.debug)],
    after: [file('bin/sized', young.stripped), file('sized.debug', young.debug)],
    stripped: [file('bin/sized', young.stripped)],
    script: [file('bin/sized', Buffer.from('#!/bin/sh\necho sized\n'))],
    hostile: [file('bin/sized', odd.stripped), file('sized.debug', odd.debug)],
    failed: [],
    broken: [file('bin/sized', young.stripped.subarray(0, 40))],
  }
  let hoursAgo = 90
  for (const [name, artifacts] of Object.entries(files)) {
    const startedAt = new Date(now - hoursAgo-- * 3_600_000)
    yield {
      uuid: sized[name as keyof typeof sized],
      job: sizeJob,
      platform: 'debian-12',
      startedAt,
      finishedAt: new Date(startedAt.getTime() + 90_000),
      result: { kind: 'exited', code: name === 'failed' ? 2n : 0n },
      script: Buffer.from('#!/bin/sh\nmake\n'),
      console: [{ deltaNs: 1_000_000n, text: Buffer.from('+ make') }],
      artifacts,
    }
  }
}

function file(path: string, content: Uint8Array): ExecFile {
  return { path, sizeBytes: content.length, data: () => [content] }
}
