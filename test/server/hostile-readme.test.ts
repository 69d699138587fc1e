import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { readReadmeHtml } from '../../server/jobs/readme.ts'
import { renderMarkdown } from '../../server/jobs/render-markdown.ts'
import { TaskLimitError } from '../../server/workers/worker-process.ts'
import { createWorkerPool, WorkersBusyError, type WorkerPool } from '../../server/workers/worker-pool.ts'
import { testApp } from '../app.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { file, sampleRecord } from '../record.ts'

const workers = createWorkerPool()
afterAll(() => workers.close())

/** As the server renders a readme that is stored. */
async function renderInWorker(markdown: string, pool = workers): Promise<string> {
  const blobs = memoryBlobStore()
  const readme = await blobs.stage(
    (async function* () {
      yield Buffer.from(markdown)
    })(),
  )
  await blobs.commit([readme])
  return (await readReadmeHtml({ blobs, workers: pool }, readme.id)).html
}

test.each([
  ['script', '<script>alert(1)</script>after'],
  ['script in capitals, cut short', '<SCRIPT SRC=//evil.example/x.js'],
  ['script in a tag that is never closed', '<div><script>alert(1)'],
  [
    'script in SVG',
    '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  ],
  [
    'script in MathML',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  ],
  ['noscript that is parsed otherwise', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">'],
  [
    'handlers',
    '<img src="https://x.example/a.png" onerror="alert(1)"><p onclick=alert(1)>p</p><details open ontoggle=alert(1)>d</details>',
  ],
  ['javascript: in Markdown', '[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) <javascript:alert(1)>'],
  [
    'javascript: with entities and line breaks',
    '<a href="java&#10;script&colon;alert(1)">a</a> <a href="&#1;javascript:alert(1)">b</a>',
  ],
  [
    'data: and vbscript:',
    '[a](data:text/html,<script>alert(1)</script>) <a href="vbscript:x">b</a> <a href="file:///etc/passwd">c</a>',
  ],
  ['a picture from data:', '![p](data:image/svg+xml;base64,PHN2Zy8+)'],
  [
    'a picture of another site',
    '![logo](https://x.example/logo.png "title") <img src="http://x.example/track.gif" width=1>',
  ],
  ['a picture of ours', '![p](doc/p.png) <img src="/job/x">'],
  ['relative links', '[a](doc/a.md) [b](/job/other) [c](../x) [d](//evil.example/x) [e](?q=1) [f](#part)'],
  ['links of the web', '[a](https://x.example/) <http://x.example/> [m](mailto:a@x.example) www.x.example'],
  [
    'style',
    '<style>body{display:none}</style><p style="position:fixed;inset:0">p</p><link rel=stylesheet href=//evil.example/x.css>',
  ],
  [
    'frames',
    '<iframe src="https://evil.example"></iframe><object data=x></object><embed src=x><frame src=x>',
  ],
  [
    'forms',
    '<form action="https://evil.example"><input name=p type=password><button formaction=x>b</button><textarea>t</textarea></form>',
  ],
  ['meta and base', '<meta http-equiv=refresh content="0;url=//evil.example"><base href="//evil.example/">'],
  [
    'ids and names that clobber',
    '<a id=app name=body>x</a><img name=getElementById><p id="user-content-x">y</p>',
  ],
  ['classes of the page', '<div class="fixed inset-0 z-50">over all</div>'],
  ['targets', '<a href="https://x.example" target="_top" download ping="//evil.example">a</a>'],
  [
    'raw HTML in raw HTML',
    '<b><i><u><a href="https://x.example"><b>deep</b></a></u></i></b><p><div>d</div></p>',
  ],
  [
    'comments and processing instructions',
    '<!-- c --><?php x ?><![CDATA[ <script>alert(1)</script> ]]><!DOCTYPE html>',
  ],
  ['HTML in code', '`<script>` and\n\n```html\n<script>alert(1)</script>\n```'],
  ['headings', '# One\n\n###### Six\n\n<h1>raw</h1>'],
  ['a task list, a table, a footnote', '- [x] done\n\n| a |\n|---|\n| `b` |\n\nx[^1]\n\n[^1]: note'],
  ['characters that turn text round', 'a \u202e b \u0000 c \ufeff d'],
])('%s', (_name, markdown) => {
  expect(renderMarkdown(markdown)).toMatchSnapshot()
})

/** What may be in a page of ours: nothing that runs, loads, asks or leads elsewhere than said. */
function expectHarmless(html: string): void {
  const tags = new Set([...html.matchAll(/<\/?([a-zA-Z][^\s/>]*)/g)].map(([, name]) => name))
  for (const name of [
    'script',
    'style',
    'iframe',
    'object',
    'embed',
    'form',
    'button',
    'meta',
    'base',
    'link',
    'svg',
    'math',
    'img',
  ]) {
    expect(tags.has(name), name).toBe(false)
  }
  const inTags = [...html.matchAll(/<[a-zA-Z][^>]*>/g)].map(([tag]) => tag)
  for (const tag of inTags) {
    expect(tag).not.toMatch(/\s(on\w+|style|srcdoc|src|action|formaction|target|ping)=/i)
    const [, href = '#'] = /\shref="([^"]*)"/.exec(tag) ?? []
    expect(href).toMatch(/^(https?:|mailto:|#)/i)
    const [, id = 'user-content-'] = /\sid="([^"]*)"/.exec(tag) ?? []
    expect(id).toMatch(/^user-content-/)
  }
}

const kib256 = 256 * 1024
const fill = (part: string) => part.repeat(Math.ceil(kib256 / part.length)).slice(0, kib256)

test.each([
  ['[[[[', fill('[')],
  ['](](', fill('](')],
  ['[a]([a](', fill('[a](')],
  ['![![', fill('![')],
  ['****', fill('*')],
  ['**a *a', fill('**a *a ')],
  ['emphasis in emphasis', '*_'.repeat(kib256 / 4) + 'a' + '_*'.repeat(kib256 / 4)],
  ['<div> 50,000 times', '<div>'.repeat(50_000)],
  ['<a><b><i> and back in the wrong order', '<a><b><i>'.repeat(20_000) + '</a></b></i>'.repeat(1_000)],
  ['<table> 30,000 times', '<table>'.repeat(30_000)],
  ['attributes', `<x ${fill('y ')}`],
  ['lists, 10,000 deep', `${'- '.repeat(10_000)}a`],
  ['quotes, 10,000 deep', `${'> '.repeat(10_000)}a`],
  ['50,000 items', fill('1. a\n')],
  ['60,000 headings', fill('# a\n')],
  ['ever longer runs of backticks', Array.from({ length: 700 }, (_, n) => '`'.repeat(n)).join(' ')],
  [
    'a table of 100,000 cells',
    `${'|a'.repeat(1000)}\n${'|-'.repeat(1000)}\n${`${'|a'.repeat(1000)}\n`.repeat(100)}`,
  ],
  ['addresses', fill('a@a.')],
  ['&&&&', fill('&')],
  ['<<<<', fill('<')],
  ['<!--', fill('<!--')],
  ['references', `${'[a]'.repeat(60_000)}\n\n[a]: http://x.example`],
])('256 KiB of %s end harmless', async (_name, markdown) => {
  const run: WorkerPool['run'] = (name, input) => workers.run(name, input, { timeoutMs: 500 })
  const html = await renderInWorker(markdown, { ...workers, run })
  expectHarmless(html)
  if (html.includes('<pre>')) expect(html.length).toBeGreaterThanOrEqual(markdown.length)
})

test('a readme that is too deep to render is shown as plain text', () => {
  const quotes = '> '.repeat(10_000)
  expect(renderMarkdown(`${quotes}<script>alert("&")</script>`)).toBe(
    `<p><em>Shown as plain text, because it is nested too deeply.</em></p><pre>${quotes}&lt;script>alert("&amp;")&lt;/script></pre>`,
  )
  // And the next one is not hurt.
  expect(renderMarkdown('*a*')).toBe('<p dir="auto"><em>a</em></p>')
})

test('a readme that takes too long to render is shown as plain text', async () => {
  const endless = '](<&'.repeat(50_000)
  const run: WorkerPool['run'] = (name, input) => workers.run(name, input, { timeoutMs: 100 })
  const html = await renderInWorker(endless, { ...workers, run })
  expect(html).toBe(
    `<p><em>Shown as plain text, because it took too long to render.</em></p><pre>${'](&lt;&amp;'.repeat(50_000)}</pre>`,
  )
  expect(await renderInWorker('*a*')).toBe('<p dir="auto"><em>a</em></p>')
})

test('what took too long once is rendered the next time', async () => {
  const blobs = memoryBlobStore()
  const readme = await blobs.stage(
    (async function* () {
      yield Buffer.from('*slow*')
    })(),
  )
  await blobs.commit([readme])
  let isSlow = true
  const run: WorkerPool['run'] = (name, input, options) =>
    isSlow ? Promise.reject(new TaskLimitError('slow')) : workers.run(name, input, options)
  const pool = { ...workers, run }
  expect(await readReadmeHtml({ blobs, workers: pool }, readme.id)).toMatchObject({ isFinal: false })
  isSlow = false
  expect(await readReadmeHtml({ blobs, workers: pool }, readme.id)).toEqual({
    html: '<p dir="auto"><em>slow</em></p>',
    isFinal: true,
  })
})

test('a readme that cannot be rendered now is shown as plain text, and rendered by the next request', async () => {
  const busy = () => Promise.reject(new WorkersBusyError('busy'))
  expect(await renderInWorker('*later*', { ...workers, run: busy })).toMatch(
    /^<p><em>Shown as plain text, because the server is busy.*<\/em><\/p><pre>\*later\*<\/pre>$/,
  )
  expect(await renderInWorker('*later*')).toBe('<p dir="auto"><em>later</em></p>')
})

test('the server answers others while a readme is rendered that takes minutes', async () => {
  // Nobody stops it here but the end of the test.
  const run: WorkerPool['run'] = (name, input) => workers.run(name, input, { timeoutMs: 600_000 })
  const workers = createWorkerPool()
  const app = await testApp({ workers: { ...workers, run } })
  await app.upload(sampleRecord({ artifacts: [file('README.md', '](!['.repeat(60_000))] }))
  let isAnswered = false
  const readme = app.graphql('{ job(name: "hello") { readme { html } } }').then(() => (isAnswered = true))
  for (let count = 0; count < 10; count++) {
    const { data } = await app.graphql(`{ builds(first: ${count + 1}) { totalCount } }`)
    expect(data.builds.totalCount).toBe(1)
  }
  expect(isAnswered).toBe(false)
  await workers.close()
  await readme
})

test('of a longer readme the first 256 KiB are shown, whole characters', async () => {
  const app = await testApp()
  await app.upload(sampleRecord({ artifacts: [file('README.md', 'é'.repeat(kib256))] }))
  const { data } = await app.graphql('{ job(name: "hello") { readme { markdown html } } }')
  expect(data.job.readme.markdown).toMatch(/^é+\ufffd?$/)
  expect(data.job.readme.markdown.length).toBeLessThanOrEqual(kib256 / 2 + 1)
  expect(data.job.readme.html).toMatch(/^<p dir="auto">é+\ufffd?<\/p>$/)
})

test('a readme that is not UTF-8, and an empty one', async () => {
  const app = await testApp()
  await app.upload(
    sampleRecord({ job: 'a', artifacts: [file('README.md', Buffer.of(0x23, 0x20, 0xff, 0x00))] }),
  )
  await app.upload(sampleRecord({ job: 'b', artifacts: [file('README.md', '')] }))
  const { data } = await app.graphql('{ jobs(first: 2) { nodes { readme { html } } } }')
  expect(data.jobs.nodes).toEqual([
    { readme: { html: '<h2 dir="auto">\ufffd\ufffd</h2>' } },
    { readme: { html: '' } },
  ])
})

test.skipIf(!hasCorpus)('real readmes render harmless (needs the corpus)', () => {
  const folder = corpusPath('readmes')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.md$/i.test(name),
  )
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) {
    const html = renderMarkdown(readFileSync(`${folder}/${name}`, 'utf8'))
    expect(html.includes('Shown as plain text'), name).toBe(false)
    expectHarmless(html)
  }
})

test('a picture within a link is the text of that link', () => {
  const badge = '[![badge](https://img.example/b.svg)](https://ci.example/)'
  expect(renderMarkdown(badge)).toMatch(/<a href="https:\/\/ci.example\/"[^>]*><span>badge<\/span><\/a>/)
})

test('an alert may hold nothing but a picture', () => {
  const html = renderMarkdown('> [!NOTE]\n> ![chart](https://x.example/y.png)')
  expect(html).toContain('markdown-alert-note')
  expect(html).toContain('>chart</a>')
})
