import type { ExecFile, ExecRecord } from '../../server/formats/exec-record-encoder.ts'

/** Records for what the demo's builds do not show: very long, very odd, and hostile ones. */

const hourMs = 3_600_000

/** A name that would be a script, if anything took it for HTML. */
export const hostileText =
  '<img src=x onerror="document.title=`owned`"><script>document.title="owned"</script>'
/** A right-to-left override: what follows would be written backwards. */
export const turningText = 'good\u202Ednab'

/** As long as names may be, and without a place to break them. */
export const hostileJob = hostileText.replaceAll('/', '∕') + 'y'.repeat(120)
export const hostilePlatform = turningText + 'x'.repeat(200)

export const longLines = 100_000

type Sample = Omit<Partial<ExecRecord>, 'console'> & {
  hoursAgo: number
  console?: string[]
  minutes?: number
}

function file(path: string, content: string): ExecFile {
  const data = Buffer.from(content)
  return { path, sizeBytes: data.length, data: () => [data] }
}

function record(now: number, uuid: string, sample: Sample): ExecRecord {
  const { hoursAgo, minutes = 3, console = ['+ make', 'done'], ...rest } = sample
  const startedAt = new Date(now - hoursAgo * hourMs)
  return {
    uuid,
    job: 'odd-builds',
    platform: 'debian-12',
    startedAt,
    finishedAt: new Date(startedAt.getTime() + minutes * 60_000),
    result: { kind: 'exited', code: 0n },
    script: Buffer.from('#!/bin/sh\nset -e\n\nmake\n'),
    artifacts: [],
    ...rest,
    console: console.map((text, line) => ({ deltaNs: BigInt(line) * 1_000_000n, text: Buffer.from(text) })),
  }
}

const colours = [
  '\x1b[31mred\x1b[0m \x1b[1;32mbold green\x1b[0m \x1b[33myellow\x1b[39m plain \x1b[38;5;208mpalette\x1b[0m \x1b[38;2;90;20;200mtrue colour\x1b[0m',
  '\x1b[41mon red\x1b[0m \x1b[30;43mblack on yellow\x1b[0m \x1b[7mreversed\x1b[0m \x1b[2mdim\x1b[0m \x1b[4munderlined\x1b[0m',
  '\x1b[35mmagenta goes on',
  'into this line\x1b[0m and ends',
  'fetched https://example.org/a?b=c and http://example.net/, not javascript:alert(1)',
  'loading 10%\rloading 60%\rloading 100%',
  '\x1b]0;a title\x07after a title \x1b]8;;https://evil.example/\x1b\\hidden link\x1b]8;;\x1b\\ end',
  `${hostileText} in the console`,
  `bell \x07 and ${turningText}`,
  'two lines\nin one entry',
  '\x1b[90mbright black\x1b[0m \x1b[94mbright blue\x1b[0m \x1b[96mbright cyan\x1b[0m \x1b[37mwhite\x1b[0m \x1b[34mblue\x1b[0m',
  'x'.repeat(600),
]

const readme = `# Hostile readme

${hostileText}

[a link](javascript:document.title='owned') and <a href="https://example.org" onclick="document.title='owned'">another</a>

<style>body { display: none }</style>
<iframe src="https://example.org"></iframe>
<div style="position:fixed;inset:0">over everything</div>

| a | b |
|---|---|
| \`code\` | text |
`

/** UUIDs of the samples, by what is special about them. */
export const uuids = {
  removed: 'e2e00000-0000-4000-8000-000000000099',
  long: 'e2e00000-0000-4000-8000-000000000001',
  colours: 'e2e00000-0000-4000-8000-000000000002',
  hostile: 'e2e00000-0000-4000-8000-000000000003',
  manyArtifacts: 'e2e00000-0000-4000-8000-000000000004',
  killed: 'e2e00000-0000-4000-8000-000000000005',
  timeout: 'e2e00000-0000-4000-8000-000000000006',
  backwards: 'e2e00000-0000-4000-8000-000000000007',
  silent: 'e2e00000-0000-4000-8000-000000000008',
  /** On the site of run-site.ts. */
  repeatable: 'e2e00000-0000-4000-8000-000000000009',
} as const

/** A build that the site removes after all others are stored. */
export function removedSample(now: number): ExecRecord {
  return record(now, uuids.removed, {
    hoursAgo: 1_000,
    artifacts: [file(`bin/${'r'.repeat(150)}`, 'removed')],
  })
}

/** `now`: milliseconds since 1970; the samples lie in the hours before. */
export function* samples(now: number): Generator<ExecRecord> {
  yield record(now, uuids.long, {
    hoursAgo: 5,
    result: { kind: 'exited', code: 20n },
    console: Array.from({ length: longLines }, (_, line) =>
      line % 10 === 0 ? `\x1b[32mstep ${line + 1}\x1b[0m of many` : `line ${line + 1}: compiling something`,
    ),
  })
  yield record(now, uuids.colours, {
    hoursAgo: 6,
    console: colours,
    artifacts: [file('bin/colours', 'colours')],
  })
  yield record(now, uuids.hostile, {
    hoursAgo: 7,
    job: hostileJob,
    platform: hostilePlatform,
    result: { kind: 'aborted', message: Buffer.from(hostileText) },
    script: Buffer.from(hostileText),
    console: [hostileText],
    artifacts: [file(`odd/${hostileText.replaceAll('/', '∕')}`, 'odd'), file('README.md', readme)],
  })
  yield record(now, uuids.manyArtifacts, {
    hoursAgo: 8,
    artifacts: Array.from({ length: 130 }, (_, index) =>
      file(`share/doc/file-${String(index + 1).padStart(3, '0')}.txt`, `file ${index + 1}`),
    ),
  })
  yield record(now, uuids.killed, { hoursAgo: 9, minutes: 72.5, result: { kind: 'signalled', signal: -7n } })
  yield record(now, uuids.timeout, {
    hoursAgo: 10,
    result: { kind: 'aborted', message: Buffer.from('timeout') },
  })
  yield record(now, uuids.backwards, { hoursAgo: 11, minutes: -1 })
  yield record(now, uuids.silent, { hoursAgo: 12, console: [] })
}
