import { describe, expect, test, vi } from 'vitest'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { readWhole } from '../formats/whole-record.ts'
import { demoNow, sha256, textOf, demoBuilds, type DescribedBuild } from './demo-builds.ts'

const builds = demoBuilds()
const of = (job: string) => builds.filter((build) => build.job === job)
const withOutput = builds.filter((build) => build.outputId !== null)

function pairs(candidates: readonly DescribedBuild[]): [DescribedBuild, DescribedBuild][] {
  return candidates.flatMap((a, index) =>
    candidates.slice(index + 1).map((b): [DescribedBuild, DescribedBuild] => [a, b]),
  )
}

const sameJob = pairs(withOutput).filter(([a, b]) => a.job === b.job)

describe('the sample builds', () => {
  test('are the same for the same present, made from nothing', async () => {
    const facts = (build: DescribedBuild) => {
      const { uuid, job, platform, uploader, startedAt, finishedAt, result, hashes } = build
      return {
        uuid,
        job,
        platform,
        uploader,
        startedAt,
        finishedAt,
        result,
        hashes,
        console: consoleText(build),
      }
    }
    // Without the memory of what was compiled and linked before.
    vi.resetModules()
    const { sampleBuilds } = await import('../../demo/sample-builds.ts')
    expect(demoBuilds(demoNow, sampleBuilds).map(facts)).toEqual(builds.map(facts))
  })

  test('keep their uuids, inputs and reproducible outputs when the present moves', () => {
    const later = demoBuilds(new Date('2027-01-01T00:00:00Z'))
    const stable = (build: DescribedBuild) => [
      build.uuid,
      build.inputId,
      build.job === 'zone-tool' || build.outputId,
    ]
    expect(later.map(stable)).toEqual(builds.map(stable))
  })

  test('are 49 builds of 5 jobs on 3 platforms by 2 uploaders', () => {
    expect(builds).toHaveLength(49)
    expect(new Set(builds.map(({ uuid }) => uuid)).size).toBe(49)
    expect(new Set(builds.map(({ job }) => job))).toEqual(
      new Set(['dns-primary', 'tls-gateway', 'static-site', 'zone-tool', 'fleetd']),
    )
    expect(new Set(builds.map(({ platform }) => platform))).toEqual(
      new Set(['debian-12', 'debian-13', 'freebsd-14']),
    )
    expect(new Set(builds.map(({ uploader }) => uploader))).toEqual(new Set(['scooby', 'shaggy']))
  })

  test('come oldest first, over about six months, the newest within the hour', () => {
    const ages = builds.map(({ ageDays }) => ageDays)
    expect(ages).toEqual(ages.toSorted((a, b) => b - a))
    expect(ages[0]).toBeGreaterThan(170)
    expect(ages[0]).toBeLessThan(190)
    expect(ages.at(-1)).toBeLessThan(1 / 24)
    expect(ages.at(-1)).toBeGreaterThan(0)
    for (const build of builds) expect(build.startedAt < build.finishedAt).toBe(true)
  })

  test('are 60 MB at most, each binary between 0.3 and 3 MB', () => {
    const total = builds.flatMap(({ artifacts }) => artifacts.map(({ sizeBytes }) => sizeBytes))
    expect(total.reduce((sum, size) => sum + size, 0)).toBeLessThan(60e6)
    const binaries = builds
      .flatMap(({ files }) => [...files])
      .filter(([path]) => /^bin\/|\.debug$/.test(path))
    for (const [, content] of binaries) {
      expect(content.length).toBeGreaterThan(0.3e6)
      expect(content.length).toBeLessThan(3e6)
    }
  })

  test('have uuids of version 4', () => {
    for (const { uuid } of builds) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })

  test('read back from their records as they were', async () => {
    for (const build of builds) {
      const read = await readWhole(encodeExecRecord(build))
      expect(read).toMatchObject({
        job: build.job,
        platform: build.platform,
        uuid: build.uuid,
        startedAt: build.startedAt,
        finishedAt: build.finishedAt,
        result: build.result,
      })
      expect(Buffer.compare(read.script, build.script)).toBe(0)
      expect(new Map(read.artifacts.map(({ path, data }) => [path, sha256(data).toString('hex')]))).toEqual(
        build.hashes,
      )
      expect(consoleText(read)).toBe(consoleText(build))
    }
  })
})

describe('reproductions', () => {
  test('another uploader got the same output from the same inputs', () => {
    const found = sameJob.filter(
      ([a, b]) => a.inputId === b.inputId && a.outputId === b.outputId && a.uploader !== b.uploader,
    )
    expect(new Set(found.map(([a]) => a.job))).toEqual(
      new Set(['dns-primary', 'tls-gateway', 'static-site', 'zone-tool', 'fleetd']),
    )
  })

  test('another platform got the same output from other inputs', () => {
    const found = sameJob.filter(([a, b]) => a.platform !== b.platform && a.outputId === b.outputId)
    const platforms = new Set(found.flatMap(([a, b]) => [a.platform, b.platform]))
    expect(platforms).toEqual(new Set(['debian-12', 'debian-13', 'freebsd-14']))
    for (const [a, b] of found) expect(a.inputId).not.toBe(b.inputId)
  })

  test('only zone-tool is not reproducible, and only before 1.2.0', () => {
    const found = sameJob.filter(([a, b]) => a.inputId === b.inputId && a.outputId !== b.outputId)
    expect(found.map(([a]) => a.job)).toEqual(['zone-tool', 'zone-tool', 'zone-tool'])
    for (const [a, b] of found) {
      const [left, right] = [a, b].map((build) => build.files.get('bin/zone-tool'))
      if (!left || !right) throw new Error('no binary')
      const differing = [...left.keys()].filter((at) => left[at] !== right[at])
      // Nothing but the date of the build differs.
      expect(left.length).toBe(right.length)
      expect(differing.length).toBeLessThanOrEqual(24)
      expect(textOf(a, 'bin/zone-tool')).toContain(`built on ${a.startedAt.toISOString()}`)
    }
    const newest = of('zone-tool').at(-1)
    expect(newest && textOf(newest, 'bin/zone-tool')).not.toContain('built on')
  })
})

describe('changes of the inputs', () => {
  const neighbours = withOutput.flatMap((build) => {
    const before = withOutput.findLast(
      (other) =>
        other.job === build.job && other.platform === build.platform && other.ageDays > build.ageDays,
    )
    return before ? [[before, build] as const] : []
  })
  const changed = ([a, b]: readonly [DescribedBuild, DescribedBuild]) =>
    ['opam-switch', 'build-environment', 'system-packages']
      .filter((path) => a.hashes.get(path) !== b.hashes.get(path))
      .join()

  test.each([['system-packages'], ['opam-switch'], ['build-environment']])(
    'when only %s changed, there is a build with equal output',
    (path) => {
      const found = neighbours.filter(
        (pair) => changed(pair) === path && pair[0].outputId === pair[1].outputId,
      )
      expect(found.length).toBeGreaterThan(0)
    },
  )

  test('there is a change of packages that changed the output', () => {
    expect(
      neighbours.filter(
        (pair) => pair[0].outputId !== pair[1].outputId && changed(pair).includes('opam-switch'),
      ).length,
    ).toBeGreaterThan(5)
  })

  test('packages were updated, added and removed', () => {
    const installed = of('fleetd')
      .filter(({ files }) => files.has('opam-switch'))
      .map((build) => new Map(installedPackages(build)))
    const [first, ...others] = installed
    if (!first) throw new Error('no switch')
    const last = others.at(-1)
    expect([...first.keys()].filter((name) => !last?.has(name))).toEqual(['httpaf', 'result'])
    expect([...(last?.keys() ?? [])].filter((name) => !first.has(name))).toEqual(['h1'])
    expect(
      [...first].filter(([name, version]) => last?.has(name) && last.get(name) !== version).length,
    ).toBeGreaterThan(10)
  })

  test("a package's opam file changed at the same version, with equal output", () => {
    const [before, after] =
      neighbours.find((pair) => changed(pair) === 'opam-switch' && pair[0].outputId === pair[1].outputId) ??
      []
    if (!before || !after) throw new Error('no such pair')
    expect(installedPackages(before)).toEqual(installedPackages(after))
    expect(textOf(before, 'opam-switch')).not.toBe(textOf(after, 'opam-switch'))
  })

  test('a duniverse folder came and another one went', () => {
    const folders = of('dns-primary')
      .filter(({ outputId }) => outputId)
      .map((build) => textOf(build, 'opam-switch'))
    expect(folders[0]).toContain('\n      "duff"\n')
    expect(folders[0]).not.toContain('\n      "carton"\n')
    expect(folders.at(-1)).toContain('\n      "carton"\n')
    expect(folders.at(-1)).not.toContain('\n      "duff"\n')
  })
})

describe('failures', () => {
  const results = builds.filter(({ isSuccess }) => !isSuccess).map(({ job, result }) => ({ job, result }))

  test.each([
    ['the solver finds no solution', 'fleetd', { kind: 'exited', code: 20n }],
    ['the solver finds no solution', 'static-site', { kind: 'exited', code: 20n }],
    ['it does not compile', 'dns-primary', { kind: 'exited', code: 1n }],
    ['a test fails', 'zone-tool', { kind: 'exited', code: 2n }],
    ['the kernel kills it', 'tls-gateway', { kind: 'signalled', signal: -7n }],
    ['it takes too long', 'tls-gateway', { kind: 'aborted', message: new TextEncoder().encode('timeout') }],
  ])('%s: %s', (_name, job, result) => {
    expect(results).toContainEqual({ job, result })
  })

  test('are few: most builds succeed, and the failed ones have no main binary', () => {
    expect(results).toHaveLength(9)
    for (const build of builds) if (!build.isSuccess) expect(build.mainBinary).toBeNull()
  })

  test('a failed test leaves its inputs, so the build has an input id', () => {
    const [failed] = builds.filter(({ result }) => result.kind === 'exited' && result.code === 2n)
    expect(failed?.inputId).not.toBeNull()
    expect(failed?.outputId).toBeNull()
  })

  test.each([
    ['No solution for', 20n],
    ['Error: This expression has type', 1n],
    ['[FAIL]', 2n],
  ])('the console says why: %s', (text, code) => {
    const [failed] = builds.filter(({ result }) => result.kind === 'exited' && result.code === code)
    expect(failed?.console.some((line) => Buffer.from(line.text).toString().includes(text))).toBe(true)
  })
})

describe('special cases', () => {
  test('static-site had no build within 30 days', () => {
    expect(Math.min(...of('static-site').map(({ ageDays }) => ageDays))).toBeGreaterThan(30)
    for (const job of ['dns-primary', 'tls-gateway', 'zone-tool', 'fleetd']) {
      expect(
        Math.min(
          ...of(job)
            .filter(({ outputId }) => outputId)
            .map(({ ageDays }) => ageDays),
        ),
      ).toBeLessThan(30)
    }
  })

  test('a successful build has two binaries, so no main binary', () => {
    const found = builds.filter(({ isSuccess, mainBinary }) => isSuccess && mainBinary === null)
    expect(found).toHaveLength(1)
    expect([...(found[0]?.files.keys() ?? [])].filter((path) => path.startsWith('bin/'))).toEqual([
      'bin/fleetd',
      'bin/fleet-client',
    ])
  })

  test('main binaries are of every kind', () => {
    expect(new Set(withOutput.map(({ mainBinary }) => mainBinary))).toEqual(
      new Set([
        'bin/dns-primary.hvt',
        'bin/tls-gateway.spt',
        'bin/static-site.hvt',
        'bin/zone-tool',
        'bin/fleetd.deb',
        'bin/fleetd.pkg',
      ]),
    )
  })

  test('debug information is beside bin, for unikernels and tools', () => {
    for (const { job, files } of withOutput) {
      expect([...files.keys()].filter((path) => path.endsWith('.debug')).length).toBe(
        job === 'fleetd' ? 0 : 1,
      )
    }
  })

  test('zone-tool has no readme, the others have one', () => {
    for (const { job, files } of withOutput) {
      expect([...files.keys()].some((path) => /(^|\/)README\.md$/.test(path))).toBe(job !== 'zone-tool')
    }
  })

  test('readmes have tables, task lists, code, relative links and an image', () => {
    const readme = textOf(of('dns-primary')[0] ?? withOutput[0]!, 'README.md')
    for (const part of ['|---', '- [x]', '- [ ]', '```sh', '](doc/', '![', '[^1]'])
      expect(readme).toContain(part)
  })

  test('one console has 20,000 lines with colours, long lines and progress bars', () => {
    const [long] = builds.filter(({ console }) => console.length >= 20_000)
    const lines = long?.console.map(({ text }) => Buffer.from(text).toString()) ?? []
    expect(lines.some((line) => line.includes('\x1b[1;35m'))).toBe(true)
    expect(lines.some((line) => line.length > 2000)).toBe(true)
    expect(lines.some((line) => line.includes('\r'))).toBe(true)
    expect(lines.some((line) => /#+\S*\.+\] +\d+%/.test(line))).toBe(true)
  })

  test('consoles move forward in time and end before the build does', () => {
    for (const { console, startedAt, finishedAt } of builds) {
      const times = console.map(({ deltaNs }) => deltaNs)
      expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0n))).toBe(true)
      expect(Number(times.at(-1)) / 1e6).toBeLessThanOrEqual(finishedAt.getTime() - startedAt.getTime())
    }
  })
})

function installedPackages(build: DescribedBuild): [string, string][] {
  const list = /^installed: \[\n(.*?)\n\]/ms.exec(textOf(build, 'opam-switch'))?.[1] ?? ''
  return [...list.matchAll(/"([^".]+)\.([^"]+)"/g)].map((match) => [match[1] ?? '', match[2] ?? ''])
}

function consoleText({ console }: Pick<ExecRecord, 'console'>): string {
  return console.map(({ deltaNs, text }) => `${deltaNs} ${Buffer.from(text).toString()}`).join('\n')
}
