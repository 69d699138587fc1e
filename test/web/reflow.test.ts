import { expect, test } from 'vitest'
import { reflow } from '../../web/jobs/reflow.ts'

test.each([
  ['one line', 'A server.', 'A server.'],
  [
    'lines of a paragraph',
    'It reads its zone files from a\ngit repository,\nand serves.',
    'It reads its zone files from a git repository, and serves.',
  ],
  ['spaces and carriage returns at the ends of lines', 'one \r\ntwo\rthree', 'one two three'],
  ['paragraphs stay apart', 'one\ntwo\n\nthree\nfour', 'one two\n\nthree four'],
  ['several empty lines stay', 'one\n\n\ntwo', 'one\n\n\ntwo'],
  [
    'items of a list stay, and their further lines join them',
    'Features:\n- one\nmore of one\n* two\n12. three',
    'Features:\n- one more of one\n* two\n12. three',
  ],
  ['indented lines stay', 'Run\n    dune build\n    dune test', 'Run\n    dune build\n    dune test'],
  [
    'a line after indented ones does not join them',
    'Run\n    dune build\nThen start it',
    'Run\n    dune build\nThen start it',
  ],
  ['a hyphen within a sentence is no list', 'one\n-two', 'one -two'],
  ['nothing', '', ''],
])('%s', (_name, text, flowed) => {
  expect(reflow(text)).toBe(flowed)
})
