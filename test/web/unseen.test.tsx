import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { ChangedText } from '../../web/diffs/ChangedText.tsx'

const drawn = (text: string) =>
  renderToStaticMarkup(<ChangedText text={text} />).replaceAll(
    /<span class="diff-invisible">(.*?)<\/span>/g,
    '[$1]',
  )

test.each([
  ['a tab stays', '\tmake', '\tmake'],
  ['a CR at the end', 'set -eu\r', 'set -eu[CR]'],
  ['a CR in the middle', 'echo\rdone', 'echo[CR]done'],
  ['a CR alone', '\r', '[CR]'],
  ['NUL', 'a\0b', 'a[NUL]b'],
  ['an escape', '\x1b[31m', '[ESC][31m'],
  ['DEL and C1', '\x7f\x85', '[DEL][U+0085]'],
  ['a byte order mark', '\ufeff#!', '[U+FEFF]#!'],
  ['a blank of another kind', 'a\u00a0b\u3000c', 'a[U+00A0]b[U+3000]c'],
  ['what turns the direction', 'a\u202eb', 'a[U+202E]b'],
  ['two together', '\r\r', '[CR][CR]'],
  ['what has no shape', 'a\u3164b\u2800c\u034f', 'a[U+3164]b[U+2800]c[U+034F]'],
  ['a character beyond 16 bits', 'a\u{e0041}b', 'a[U+E0041]b'],
  ['emoji with joiners', '👩‍🔧 ⚠️', '👩‍🔧 ⚠️'],
  ['letters with marks, and other scripts', 'é ü 漢字 עברית', 'é ü 漢字 עברית'],
])('what cannot be seen is named: %s', (_name, text, expected) => {
  expect(drawn(text)).toBe(expected)
})
