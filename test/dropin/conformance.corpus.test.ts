import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { describeJobKind } from '../../server/facts/describe-job-task.ts'
import { importBuilderWeb } from '../../server/imports/builder-web/import-builder-web.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { comparableJson, readToldForm, toldForm, type ToldRecord } from './comparable.ts'
import { deviations } from './deviations.ts'
import { openDropinSite, type Answer, type DropinSite } from './dropin-site.ts'
import {
  edgeRequests,
  edgeUploads,
  functionalRequests,
  functionalUploads,
  nameOf,
  type Recorded,
} from './recorded.ts'

const listed = new Map(deviations.flatMap((one) => one.requests.map((request) => [request, one] as const)))

/** What differs from builder-web's answer: `404 → 200`, `json`, `text`; empty when nothing does. */
async function differencesOf(recorded: Recorded, answer: Answer): Promise<string> {
  const { status, headers, body } = answer
  if (status !== recorded.status) return `${recorded.status} → ${status}`
  const found: string[] = []
  const note = (what: string, isSame: boolean) => void (isSame || found.push(what))
  note('location', headers.location === recorded.location)
  if (status !== 200) return found.join(', ')
  const { mediaType, text, sizeBytes, record } = recorded
  if (mediaType !== undefined) note('type', headers['content-type']?.split(';')[0] === mediaType)
  if (recorded.json !== undefined) note('json', sameJson(recorded, JSON.parse(body.toString())))
  if (text !== undefined) note('text', body.toString() === text)
  if (sizeBytes !== undefined && !nameOf(recorded).endsWith('/exec')) note('size', body.length === sizeBytes)
  if (record !== undefined) note('record', equal(await readToldForm(body), toldForm(record as ToldRecord)))
  return found.join(', ')
}

function sameJson({ path, json }: Recorded, ours: unknown): boolean {
  const form = { isOrdered: !path.startsWith('/compare/') }
  return equal(comparableJson(json, form), comparableJson(withoutOwn(ours), form))
}

/** Without what the JSON of a build has besides, and builder-web does not have. */
function withoutOwn(ours: unknown): unknown {
  if (ours === null || typeof ours !== 'object' || !('main_binary' in ours)) return ours
  return { ...ours, grade: undefined }
}

function equal(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))
}

/** Objects by key, for what is no list has no order. */
function sorted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, it: unknown) =>
    it !== null && typeof it === 'object' && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  )
}

function uploadAll(uploads: () => { file: string; status?: number }[]) {
  return async (site: DropinSite) => {
    for (const upload of uploads()) {
      const { status } = await site.upload(readFileSync(upload.file))
      if (upload.status !== undefined) expect(status, upload.file).toBe(upload.status)
    }
  }
}

/** What builder-web has stored of the same uploads. */
async function importAll({ app: { deps } }: DropinSite): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'builder-web-'))
  execFileSync('tar', ['-xzf', corpusPath('datadir', 'builder-web-v18.tar.gz'), '-C', dir])
  const how = { isDryRun: false, isAgain: false, signal: new AbortController().signal }
  const report = await importBuilderWeb(deps, join(dir, 'data-func'), how)
  rmSync(dir, { recursive: true })
  const { user, build, build_artifact } = report.tables
  expect([user.imported, build.imported, build_artifact.imported]).toEqual([4, 24, 74])
  expect([report.refused, report.notes]).toEqual([[], []])
  await deps.runner.settled([describeJobKind])
}

describe.skipIf(!hasCorpus)("builder-web's answers (skipped where the corpus is absent)", () => {
  const suites = [
    { name: 'functional', fill: uploadAll(functionalUploads), requests: functionalRequests },
    {
      name: 'functional, after an import of its data directory',
      fill: importAll,
      // What is refused, and how pages compare, does not depend on how builds came here.
      requests: () =>
        functionalRequests().filter(
          ({ status, path }) => status === 200 && !/^\/(compare|img|robots)/.test(path),
        ),
    },
    { name: 'edge cases', fill: uploadAll(edgeUploads), requests: edgeRequests },
  ]
  const seen = new Set<string>()
  const agreeing: string[] = []
  const deviating: string[] = []

  // Which jobs the home page lists depends on the day: it is that of the recording.
  beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-23T12:00:00Z') }))
  afterAll(() => {
    vi.useRealTimers()
    process.stdout.write(
      `conformance with builder-web: ${agreeing.length} of ${agreeing.length + deviating.length} requests agree, ` +
        `${deviating.length} deviate for ${deviations.length} reasons\n`,
    )
  })

  describe.each(hasCorpus ? suites : [])('$name', ({ fill, requests }) => {
    let site: Awaited<ReturnType<typeof openDropinSite>>
    beforeAll(async () => {
      site = await openDropinSite()
      await fill(site)
      return site.close
    })

    test.each(requests().map((recorded) => ({ name: nameOf(recorded), recorded })))(
      '$name',
      async ({ name, recorded }) => {
        const { method, path, headers } = recorded
        const answer = await site.ask(path, { method, headers })
        seen.add(name)
        const differs = await differencesOf(recorded, answer)
        const deviation = listed.get(name)
        expect(differs, deviation?.why ?? 'not listed in deviations.ts').toBe(deviation?.differs ?? '')
        if (deviation?.translate) {
          const ours = deviation.translate(JSON.parse(answer.body.toString()))
          expect(sameJson(recorded, ours), deviation.why).toBe(true)
        }
        if (deviation) deviating.push(name)
        else agreeing.push(name)
      },
    )
  })

  test('no deviation is listed that is none, or twice', () => {
    expect([...listed.keys()].filter((name) => !seen.has(name))).toEqual([])
    expect(deviations.flatMap(({ requests }) => requests)).toHaveLength(listed.size)
  })
})
