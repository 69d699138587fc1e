import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { xml2js, type Element } from 'xml-js'
import { artifactPath, buildPath, feedPaths, jobPath, platformPath } from '../../server/paths.ts'
import { visibleName } from '../../server/visible-text.ts'
import { temporaryDir, testApp, type TestApp } from '../app.ts'
import { findElements, parseHtml, textOf } from '../html.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

/** What one format or another gives a meaning to, forbids, hides or turns around. */
const part = fc.constantFrom(
  ...[']]>', '<![CDATA[', '<b>', '&amp;', '&#0;', '"', "'", '--', '?>', '%00', '=1+1', ',', ';', '\\'],
  ...['\ufffe', '\uffff', '\u{1fffe}', '\u2028', '\u2029', '\u202e', '\u2066', '\ufeff', '\u200b', ' ', '  '],
  ...['a', 'é', '日本', '👩‍👩‍👧', 'א', '\u00ad'],
)
const parts = fc.array(part, { minLength: 1, maxLength: 8 }).map((all) => all.join(''))
const isName = (name: string) => name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255
const name = fc
  .oneof({ weight: 9, arbitrary: parts }, fc.constantFrom(']]>'.repeat(85), 'é'.repeat(127)))
  .filter(isName)
/** Paths may hold control characters, too. */
const control = fc.integer({ min: 1, max: 31 }).map((code) => String.fromCharCode(code))
const path = fc.tuple(parts, control, parts).map((all) => all.join(''))
/** An aborted build's message: any bytes. */
const message = fc.uint8Array({ maxLength: 40 })

type Named = { job: string; platform: string; path: string; uuid: string }

let app: TestApp
let named: Named[]
beforeAll(async () => {
  app = await testApp({ keep: true })
  const samples = fc.sample(fc.tuple(name, name, path, message), { numRuns: 30, seed: 2 })
  named = []
  for (const [n, [job, platform, last, reason]] of samples.entries()) {
    const uuid = uuidOf(n)
    const record = sampleRecord({
      ...{ job, platform, uuid, startedAt: new Date(Date.UTC(2026, 10, 1, n)) },
      artifacts: [file(`bin/${last}`, `content ${n}`), file('other', 'x')],
      ...(n % 2 ? { result: { kind: 'aborted' as const, message: Buffer.from(reason) } } : {}),
    })
    const answer = await app.upload(record)
    expect(answer.status, JSON.stringify(job)).toBe(201)
    named.push({ job, platform, path: `bin/${last}`, uuid })
  }
  return app.close
})

/** The elements of an XML document with their texts; throws where it is not well-formed. Source: XML 1.0 §2.2, §2.4. */
function parseXml(xml: string): { name: string; text: string }[] {
  // What the parser lets through: characters that XML does not have, and the end of a section without its start.
  expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u)
  expect(xml.replace(/<!\[CDATA\[[^]*?\]\]>/g, '')).not.toContain(']]>')
  const found: { name: string; text: string }[] = []
  const walk = (element: Element): string => {
    const { name = '', elements = [], text, cdata } = element
    const at = element.type === 'element' ? found.push({ name, text: '' }) - 1 : null
    const whole = String(text ?? cdata ?? '') + elements.map(walk).join('')
    if (at !== null) found[at] = { name, text: whole }
    return whole
  }
  walk(xml2js(xml) as Element)
  return found
}

const addressesOfXml = () => [
  feedPaths.site(),
  `/job/${encodeURIComponent(named[0]?.job ?? '')}/badge.svg?platform=%00%01%ef%bf%be]]>%3Cx%3E`,
  ...named.flatMap(({ job, platform }) => [
    feedPaths.job(job),
    feedPaths.platform(platform),
    `${jobPath(job)}/badge.svg?platform=${encodeURIComponent(platform)}`,
  ]),
]

const asXml = (text: string) =>
  text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
const asHtmlText = (html: string) =>
  textOf({ type: 'root', children: parseHtml(`<!doctype html><p>${html}`).children })

test('feeds and badges are well-formed, and titles read as the names', async () => {
  for (const address of addressesOfXml()) {
    const answer = await fetch(app.url + address)
    expect(answer.status, address).toBe(200)
    parseXml(await answer.text())
  }
  for (const { job, platform, uuid } of named) {
    const found = parseXml(await (await fetch(app.url + feedPaths.job(job))).text())
    const titles = found.filter(({ name }) => name === 'title').map(({ text }) => text)
    // The feed's title is text, those of entries are HTML.
    expect(titles[0]).toBe(asXml(`${job} · Builder Hub`))
    const at = found.filter(({ name }) => name === 'id').findIndex(({ text }) => text === `urn:uuid:${uuid}`)
    expect(asHtmlText(titles[at] ?? '')).toContain(asXml(`${job} on ${platform}: `))
  }
})

const hasProgram = (program: string, ...args: string[]) => {
  try {
    return execFileSync(program, args, { stdio: 'pipe' }).toString()
  } catch {
    return ''
  }
}

const expat =
  'import sys, xml.parsers.expat\nfor f in sys.argv[1:]:\n  xml.parsers.expat.ParserCreate().ParseFile(open(f, "rb"))'
describe.skipIf(hasProgram('python3', '-c', 'import xml.parsers.expat; print(1)') === '')(
  'with Python',
  () => {
    test('expat reads all feeds and badges', async () => {
      const dir = temporaryDir()
      const files: string[] = []
      for (const [n, address] of addressesOfXml().entries()) {
        const target = join(dir, `${n}.xml`)
        writeFileSync(target, Buffer.from(await (await fetch(app.url + address)).arrayBuffer()))
        files.push(target)
      }
      await promisify(execFile)('python3', ['-c', expat, ...files])
    })
  },
)

describe.skipIf(!hasProgram('tar', '--version').includes('GNU tar'))('with GNU tar', () => {
  test('archives hold each path, byte for byte', async () => {
    for (const [n, { job, path, uuid }] of named.entries()) {
      const dir = join(temporaryDir(), String(n))
      mkdirSync(dir)
      const archive = await fetch(`${app.url}${buildPath(job, uuid)}/all.tar.gz`)
      writeFileSync(join(dir, '..', 'all.tar.gz'), Buffer.from(await archive.arrayBuffer()))
      const said = execFileSync('sh', ['-c', 'tar xzf ../all.tar.gz 2>&1'], { cwd: dir }).toString()
      expect(said).toBe('')
      expect(readdirSync(join(dir, 'bin'))).toEqual([path.slice('bin/'.length)])
    }
  })
})

describe.skipIf(hasProgram('curl', '--version') === '')('with curl', () => {
  test('headers that hold names are one line each, in ASCII', async () => {
    for (const { job, path, uuid } of named) {
      const addresses = [
        artifactPath(job, uuid, path),
        `${buildPath(job, uuid)}/main-binary`,
        `${jobPath(job)}/build/latest`,
        `${jobPath(`${job}x`)}/feed.atom`,
      ]
      const urls = addresses.map((address) => app.url + address)
      const { stdout } = await promisify(execFile)('curl', ['-sS', '--path-as-is', '-g', '-I', ...urls])
      expect(stdout).toMatch(/^[\x20-\x7e\r\n]*$/)
      expect(stdout.match(/^HTTP\/1\.1 (\d+)/gm)).toEqual([
        'HTTP/1.1 200',
        'HTTP/1.1 302',
        'HTTP/1.1 307',
        'HTTP/1.1 404',
      ])
    }
  })
})

test('JSON of every address has the names as they are', async () => {
  const json = { headers: { Accept: 'application/json' } }
  for (const { job, platform, path, uuid } of named) {
    expect(await (await fetch(app.url + buildPath(job, uuid), json)).json()).toMatchObject({ job, platform })
    const { data } = await app.graphql(
      'query ($uuid: UUID!) { build(uuid: $uuid) { job { name } platform { name } mainBinary { path } } }',
      { uuid },
    )
    expect(data.build).toEqual({ job: { name: job }, platform: { name: platform }, mainBinary: { path } })
  }
})

test('pages without JavaScript show what names hide, and isolate names', async () => {
  for (const { job, platform, path, uuid } of named) {
    for (const address of ['/', jobPath(job), platformPath(platform), buildPath(job, uuid)]) {
      const html = await (await fetch(app.url + address)).text()
      expect(html, address).not.toMatch(
        /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\ufeff\u200b\u00ad]/u,
      )
    }
    const tree = parseHtml(await (await fetch(app.url + buildPath(job, uuid))).text())
    const isolated = findElements(tree, 'bdi').map(textOf)
    expect(isolated).toEqual(expect.arrayContaining([job, platform, path].map(visibleName)))
  }
})
