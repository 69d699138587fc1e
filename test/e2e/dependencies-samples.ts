import type { ExecFile, ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { hostileText, turningText } from './samples.ts'

/** UUIDs of builds with switches that the demo's do not have, by what is special about them. */
export const switches = {
  small: 'de9e0000-0000-4000-8000-000000000001',
  large: 'de9e0000-0000-4000-8000-000000000002',
  hostile: 'de9e0000-0000-4000-8000-000000000003',
  broken: 'de9e0000-0000-4000-8000-000000000004',
  none: 'de9e0000-0000-4000-8000-000000000005',
} as const

export const switchJob = 'many-dependencies'

/** A package whose name is more than text, if anything took it for that. */
export const hostilePackage = `${hostileText}${turningText}`.replaceAll('.', ' ')

type Packages = Record<string, readonly string[]>

/** `web` brings `http` and `parser`; `log` is shared; `tool` is in the switch for nothing. */
const small: Packages = {
  app: ['log', 'web', 'zip'],
  web: ['http', 'log', 'ocaml'],
  http: ['parser', 'log', 'ocaml'],
  parser: ['ocaml'],
  log: ['fmt', 'ocaml'],
  zip: ['log', 'ocaml'],
  fmt: ['ocaml'],
  ocaml: [],
  tool: ['ocaml'],
}

/** 300 packages in layers; each needs some of the next ones, and all need the last two. */
function large(): Packages {
  const name = (index: number) => `package-${String(index).padStart(3, '0')}`
  const packages: Packages = { everything: Array.from({ length: 60 }, (_, index) => name(index)) }
  for (let index = 0; index < 300; index += 1) {
    const needed = [1, 7, 30, 61].slice(0, 1 + (index % 4)).map((step) => index + step * (1 + (index % 3)))
    packages[name(index)] = [...needed.filter((one) => one < 298), 298, 299]
      .filter((one) => one > index)
      .map(name)
  }
  return packages
}

function switchOf(packages: Packages): string {
  const names = Object.keys(packages)
  const text = (names: readonly string[]) => names.map((one) => `"${one.replaceAll('"', '\\"')}"`).join(' ')
  return [
    'opam-version: "2.0"',
    `roots: [${text(names.slice(0, 1).map((one) => `${one}.1.0`))}]`,
    `installed: [${text(names.map((one) => `${one}.1.0`))}]`,
    ...Object.entries(packages).map(
      ([name, needed]) => `package ${text([name])} { depends: [${text(needed)}] }`,
    ),
  ].join('\n')
}

/** `now`: milliseconds since 1970; the builds lie in the hours before. */
export function* dependenciesSamples(now: number): Generator<ExecRecord> {
  const contents: Record<keyof typeof switches, string | null> = {
    small: switchOf(small),
    large: switchOf(large()),
    hostile: switchOf({ [hostilePackage]: [`${hostilePackage}2`], [`${hostilePackage}2`]: [] }),
    broken: 'roots: ["app.1.0"',
    none: null,
  }
  let hoursAgo = 30
  for (const [name, content] of Object.entries(contents)) {
    const startedAt = new Date(now - hoursAgo * 3_600_000)
    hoursAgo += 1
    yield {
      uuid: switches[name as keyof typeof switches],
      job: switchJob,
      platform: 'debian-12',
      startedAt,
      finishedAt: new Date(startedAt.getTime() + 90_000),
      result: { kind: 'exited', code: 0n },
      script: Buffer.from('#!/bin/sh\nmake\n'),
      console: [{ deltaNs: 1_000_000n, text: Buffer.from('+ make') }],
      artifacts: [
        file('bin/app', `app ${name}`),
        ...(content === null ? [] : [file('opam-switch', content)]),
      ],
    }
  }
}

function file(path: string, content: string): ExecFile {
  const data = Buffer.from(content)
  return { path, sizeBytes: data.length, data: () => [data] }
}
