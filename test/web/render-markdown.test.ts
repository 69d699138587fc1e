// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderMarkdown } from '../../server/jobs/render-markdown.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'

const page = (markdown: string) => new DOMParser().parseFromString(renderMarkdown(markdown), 'text/html')

/** Where the links into the page lead: the text of the heading or element with that id. */
function targets(markdown: string): string[] {
  const document = page(markdown)
  return [...document.querySelectorAll('a[href^="#"]')].map((link) => {
    const id = decodeURIComponent(link.getAttribute('href')?.slice(1) ?? '')
    const target = document.getElementById(id) ?? document.getElementsByName(id)[0]
    return target ? `${target.localName} ${target.textContent}` : `nothing for ${id}`
  })
}

test.each<[name: string, markdown: string, ids: string[]]>([
  ['words', '## How to run', ['how-to-run']],
  ['punctuation', '## C++ & OCaml\n\n## v1.2: `opam install`, why?', ['c--ocaml', 'v12-opam-install-why']],
  ['repeats', '# Use\n\n# Use\n\n# Use-1\n\n# Use', ['use', 'use-1', 'use-1-1', 'use-2']],
  ['letters of other scripts', '# Über uns\n\n# 使い方\n\n# مقدمة', ['über-uns', '使い方', 'مقدمة']],
  ['an emoji', '# 🚀 Start\n\n# :camel: OCaml', ['-start', 'camel-ocaml']],
  [
    'links, pictures and marks in it',
    '# [The *docs*](https://x.example) ![logo](https://x.example/l.png)',
    ['the-docs-'],
  ],
  ['underscores and hyphens', '# a_b - c', ['a_b---c']],
  ['an id of its own', '<h2 id="mine">Text</h2>', ['mine']],
  ['a heading of raw HTML', '<h2>Raw <b>HTML</b></h2>', ['raw-html']],
  [
    'an id that would clobber the page',
    '# app\n\n# `__proto__`\n\n# constructor',
    ['app', '__proto__', 'constructor'],
  ],
  ['no letters', '# ???', ['']],
])('headings are named as GitHub does: %s', (_name, markdown, ids) => {
  const headings = [...page(markdown).querySelectorAll('h1, h2, h3, h4, h5, h6')]
  expect(headings.map(({ id }) => id)).toEqual(ids.map((id) => (id === '' ? '' : `user-content-${id}`)))
})

test('links of a readme lead to its headings', () => {
  expect(
    targets(
      '[a](#install) [b](#user-content-install) [c](#über-uns) [d](#mine)\n\n## Install\n\n## Über uns\n\n<a name="mine"></a>',
    ),
  ).toEqual(['h3 Install', 'h3 Install', 'h3 Über uns', 'a '])
})

test.each(['NOTE', 'TIP', 'IMPORTANT', 'WARNING', 'CAUTION', 'note'])(
  'the alert [!%s] says what it is',
  (kind) => {
    const alert = page(`> [!${kind}]\n> Do *not* run it as root.\n>\n> - never`).querySelector(
      '.markdown-alert',
    )
    expect(alert?.className).toBe(`markdown-alert markdown-alert-${kind.toLowerCase()}`)
    expect(alert?.querySelector('.markdown-alert-title')?.textContent?.toUpperCase()).toBe(kind.toUpperCase())
    expect(alert?.textContent).toContain('Do not run it as root.')
    expect(alert?.textContent).not.toContain('[!')
    expect(alert?.querySelector('li')?.textContent).toBe('never')
  },
)

test.each([
  ['another word', '> [!DANGER]\n> text'],
  ['no line of its own', '> [!NOTE] text'],
  ['nothing in it', '> [!NOTE]'],
  ['no quote', '[!NOTE]\ntext'],
  ['not at the beginning', '> text\n> [!NOTE]'],
])('no alert: %s', (_name, markdown) => {
  const document = page(markdown)
  expect(document.querySelector('.markdown-alert')).toBeNull()
  expect(document.body.textContent).toMatch(/\[!(NOTE|DANGER)\]/)
})

test('each block has the direction of its text', () => {
  const blocks = [
    ...page('# a\n\nمرحبا\n\n- b\n\n> c\n\n| d |\n|---|\n| e |').querySelectorAll(
      'h2, p, li, blockquote, th, td',
    ),
  ]
  expect(blocks.length).toBe(7)
  for (const block of blocks) expect(block.getAttribute('dir'), block.outerHTML).toBe('auto')
})

test.skipIf(!hasCorpus)('the table of contents of the reported readme leads somewhere', () => {
  const markdown = readFileSync(corpusPath('reports/18-readme-anchors/README.md'), 'utf8')
  expect(targets(markdown).slice(0, 4)).toEqual(['h3 Install', 'h3 How to run', expect.any(String), 'a '])
  expect(page(markdown).querySelector('.markdown-alert-warning')).not.toBeNull()
})
