import { randomUUID } from 'node:crypto'
import type { ExecFile, ExecRecord } from '../server/formats/exec-record-encoder.ts'

/** A file of a record. */
export function file(path: string, content: string | Uint8Array): ExecFile {
  const bytes = Buffer.from(content)
  return { path, sizeBytes: bytes.length, data: () => [bytes] }
}

/** A record of a small, successful build with a main binary and a whole input; parts can be replaced. */
export function sampleRecord(parts: Partial<ExecRecord> = {}): ExecRecord {
  const startedAt = parts.startedAt ?? new Date('2026-11-01T10:00:00Z')
  return {
    job: 'hello',
    platform: 'debian-12',
    uuid: randomUUID(),
    startedAt,
    finishedAt: new Date(startedAt.getTime() + 61_500),
    result: { kind: 'exited', code: 0n },
    script: Buffer.from('#!/bin/sh\nset -e\necho hello\n'),
    console: [
      { deltaNs: 1_000_000n, text: Buffer.from('hello') },
      { deltaNs: 2_500_000_000n, text: Buffer.from('\u001b[32mdone\u001b[0m') },
    ],
    artifacts: [
      file('bin/hello.hvt', 'a unikernel'),
      file('hello.hvt.debug', 'a unikernel with symbols'),
      file('opam-switch', 'opam-version: "2.0"\n'),
      file('build-environment', 'PATH=/usr/bin\n'),
      file('system-packages', 'gcc=12.2.0\n'),
      file('README.md', '# Hello\n\nSays *hello*.\n'),
    ],
    ...parts,
  }
}
