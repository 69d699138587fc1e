import { expect, test } from 'vitest'
import { OpamLimitError, OpamSyntaxError } from '../../../server/formats/opam/opam-error.ts'
import type { OpamValue } from '../../../server/formats/opam/opam-value.ts'
import { parseOpam } from '../../../server/formats/opam/parser.ts'
import { placeless, readFixture } from './fixture.ts'

/** A value in brackets where opam's grammar has a node, to see what binds how. */
function shape(value: OpamValue): string {
  switch (value.kind) {
    case 'bool':
    case 'int':
      return String(value.value)
    case 'string':
      return JSON.stringify(value.value)
    case 'ident':
      return value.name
    case 'list':
      return `[${value.values.map(shape).join(' ')}]`
    case 'group':
      return `(${value.values.map(shape).join(' ')})`
    case 'option':
      return `<${shape(value.value)} {${value.options.map(shape).join(' ')}}>`
    case 'prefix':
      return `<${value.op} ${shape(value.value)}>`
    case 'prefix-relation':
      return `<${value.op} ${shape(value.right)}>`
    case 'relation':
    case 'environment':
    case 'logical':
      return `<${shape(value.left)} ${value.op} ${shape(value.right)}>`
  }
}

function parseValue(text: string): OpamValue {
  const [item] = parseOpam(`x: ${text}`)
  if (item?.kind !== 'field') throw new Error('no field')
  return item.value
}

test.each([
  ['a string', '"a"', '"a"'],
  ['an empty string beside another', '["" "a"]', '["" "a"]'],
  ['integers', '[0 -7 1_000 -0]', '[0 -7 1000 0]'],
  ['booleans', '[true false truely]', '[true false truely]'],
  ['identifiers', '[a-b _c 1d -e a+b a+_ a:b a+b:c-d]', '[a-b _c 1d -e a+b a+_ a:b a+b:c-d]'],
  ['an integer before an identifier', '[1_000 a]', '[1000 a]'],
  ['nested lists', '[[] [[]]]', '[[] [[]]]'],
  ['& binds tighter than |', '[a | b & c | d]', '[<<a | <b & c>> | d>]'],
  ['& and | lean to the left', '[a & b & c]', '[<<a & b> & c>]'],
  ['! binds tighter than &', '[!a & b]', '[<<! a> & b>]'],
  ['! holds a comparison', '[!a = "1"]', '[<! <a = "1">>]'],
  ['! holds an option', '[!a {b}]', '[<! <a {b}>>]'],
  ['prefixes repeat', '[!?!a]', '[<! <? <! a>>>]'],
  ['options repeat', '"a" {b} {c d}', '<<"a" {b}> {c d}>'],
  ['an option may be empty', '"a" {}', '<"a" {}>'],
  ['an option binds tighter than &', '[a & b {c}]', '[<a & <b {c}>>]'],
  ['an option of a comparison', '[a >= "1" {c}]', '[<<a >= "1"> {c}>]'],
  [
    'comparisons',
    '[a = b c != d e < f g <= h i > j k >= l m ~ n]',
    '[<a = b> <c != d> <e < f> <g <= h> <i > j> <k >= l> <m ~ n>]',
  ],
  ['comparisons without a left side', '[= "1" > "2" & < "3"]', '[<= "1"> <<> "2"> & << "3">>]'],
  ['a comparison that follows another', '[a = b = c]', '[<a = b> <= c>]'],
  [
    'environment updates',
    '[A += "b" A =+ "b" A := "b" A =: "b" A =+= "b"]',
    '[<A += "b"> <A =+ "b"> <A := "b"> <A =: "b"> <A =+= "b">]',
  ],
  ['groups', '("a" | "b") & "c"', '<(<"a" | "b">) & "c">'],
  ['groups of several', '("a" "b")', '("a" "b")'],
  ['blanks, comments and line ends', '[\r\n\t1#2 ]\n(* 3 (* 4 *) "5 *)6]', '[1 6]'],
  ['a comment at the end', '1 # 2', '1'],
])('reads %s', (_name, text, expected) => {
  expect(shape(parseValue(text))).toBe(expected)
})

test.each([
  ['every simple escape', String.raw`"\n\r\t\b\\\"\'\ "`, '\n\r\t\b\\"\' '],
  ['codes', String.raw`"\065\x42\x4a"`, 'ABJ'],
  ['codes that are UTF-8 together', String.raw`"\195\169\xe2\x82\xac!"`, 'é€!'],
  ['codes that are no UTF-8', String.raw`"\195\065"`, '\udcc3A'],
  ['a code that text interrupts', String.raw`"\195é"`, '\udcc3é'],
  ['a continued line', '"a\\\n \t b\\\r\n c"', 'abc'],
  ['a line end', '"a\nb\r\nc\rd"', 'a\nb\nc\rd'],
  ['three quotes', '"""a "b" ""c"" d"""', 'a "b" ""c"" d'],
  ['an escaped quote among three', String.raw`"""a\""""`, 'a"'],
  ['an empty one of three quotes', '""""""', ''],
  ['what is no comment', '"# (* a *)"', '# (* a *)'],
  ['text beyond ASCII', '"Aßä – 🐫"', 'Aßä – 🐫'],
  ['many escapes', `"${'a\\n'.repeat(10_000)}"`, 'a\n'.repeat(10_000)],
])('reads strings: %s', (_name, text, expected) => {
  expect(parseValue(text)).toEqual({ kind: 'string', value: expected })
})

test('fields and sections keep their order and their place', () => {
  expect(parseOpam('b: 1\na: 2\nurl { c: 3 }\nextra "n" {}')).toEqual([
    { kind: 'field', name: 'b', value: { kind: 'int', value: 1 }, at: 0 },
    { kind: 'field', name: 'a', value: { kind: 'int', value: 2 }, at: 5 },
    {
      kind: 'section',
      type: 'url',
      name: null,
      items: [{ kind: 'field', name: 'c', value: { kind: 'int', value: 3 }, at: 16 }],
      at: 10,
    },
    { kind: 'section', type: 'extra', name: 'n', items: [], at: 23 },
  ])
})

test('no text is a file without fields', () => {
  expect(parseOpam('')).toEqual([])
  expect(parseOpam(' # nothing\n(* at all *)')).toEqual([])
})

test('a file with CRLF reads like one with LF', () => {
  const text = readFixture('syntax.opam')
  expect(placeless(parseOpam(text.replaceAll('\n', '\r\n')))).toEqual(placeless(parseOpam(text)))
})

test.each([
  ['a value missing', 'a:', 1, 2, 'end of file instead of a value'],
  ['a field for a value', 'a: b: 1', 1, 4, '":" instead of a field or a section'],
  ['two values', 'a: 1 2', 1, 5, '2 instead of a field or a section'],
  ['a value alone', '"a"', 1, 0, 'string instead of a field or a section'],
  ['a name alone', 'a\n', 2, 0, 'end of file instead of ":" or "{"'],
  ['a named section without braces', 'a "b" 1', 1, 6, '1 instead of "{"'],
  ['a keyword for a name', 'true: 1', 1, 0, 'true instead of a field or a section'],
  [
    'a list that is not closed',
    'a: 1\nb: [1\n',
    3,
    0,
    'end of file instead of "]" for the "[" at line 2, column 3',
  ],
  [
    'a section that is not closed',
    'a {\n b: 1',
    2,
    5,
    'end of file instead of "}" for the "{" at line 1, column 2',
  ],
  [
    'an option that is not closed',
    'a: "b" {c',
    1,
    9,
    'end of file instead of "}" for the "{" at line 1, column 7',
  ],
  ['brackets that do not match', 'a: [(1]', 1, 6, '"]" instead of a value or ")"'],
  ['brackets closed twice', 'a: [1]]', 1, 6, '"]" instead of a field or a section'],
  ['a value in a section', 'a { 1 }', 1, 4, '1 instead of a field, a section or "}"'],
  ['an operator without its right side', 'a: b &', 1, 6, 'end of file instead of a value'],
  ['an operator without its left side', 'a: & b', 1, 3, '"&" instead of a value'],
  ['a prefix of nothing', 'a: [!]', 1, 5, '"]" instead of a value'],
  ['a comparison with a list', 'a: b = [c]', 1, 7, '"[" instead of a value to compare with'],
  ['an update with nothing', 'a: [b += ]', 1, 9, '"]" instead of a value to update with'],
  ['a string that is not closed', 'a: 1\nb: "c\n', 2, 3, 'the string is not closed'],
  ['three quotes closed by two', 'a: """b""', 1, 3, 'the string is not closed'],
  ['an escape that is none', 'a: "b\\c"', 1, 5, 'not a valid escape sequence'],
  ['a code above 255', 'a: "\\256"', 1, 4, 'not a valid escape sequence'],
  ['a code cut short', 'a: "\\x4"', 1, 4, 'not a valid escape sequence'],
  ['a comment that is not closed', 'a: 1 (* (* *)', 1, 5, 'the comment is not closed'],
  ['a character of no token', 'a: @', 1, 3, '"@" is not a valid token'],
  ['a CR alone', 'a:\r1', 1, 2, '"\\r" is not a valid token'],
  ['an operator of no kind', 'a: [b + c]', 1, 6, '"+" is not a valid token'],
  ['underscores for an integer', 'a: _1', 1, 3, '"_1" is not a valid token'],
  ['an integer that no number keeps', 'a: 9007199254740993', 1, 3, 'the integer exceeds 2^53'],
  ['columns count bytes', 'a: "é🐫" @', 1, 12, '"@" is not a valid token'],
])('rejects: %s', (_name, text, line, column, reason) => {
  const offset =
    Buffer.byteLength(
      text
        .split('\n')
        .slice(0, line - 1)
        .map((it) => `${it}\n`)
        .join(''),
    ) + column
  expect(errorOf(text)).toMatchObject({
    line,
    column,
    offset,
    reason,
    message: `malformed opam file at line ${line}, column ${column}: ${reason}`,
  })
  expect(errorOf(text)).toBeInstanceOf(OpamSyntaxError)
})

const million = 1_000_000
const tooDeep = 'at most 500 levels are read'
const tooMany = 'at most 250000 are read'

test.each([
  ['lists', `a: ${'['.repeat(million)}`, tooDeep],
  ['groups', `a: ${'('.repeat(million)}`, tooDeep],
  ['options', `a: b ${'{c '.repeat(million)}`, tooDeep],
  ['options of options', `a: b ${'{}'.repeat(million)}`, tooDeep],
  ['prefixes', `a: ${'!'.repeat(million)}`, tooDeep],
  ['a long chain of operators', `a: b${' & c'.repeat(million)}`, tooDeep],
  ['chains in brackets in chains', `a: ${'('.repeat(100)}b${`${' & b'.repeat(50)})`.repeat(100)}`, tooDeep],
  ['sections', 'a {'.repeat(million), tooDeep],
  ['fields', 'a: 1 '.repeat(million), tooMany],
  ['values', `a: [${'1 '.repeat(million)}]`, tooMany],
  ['numbers that might become a name', `a: [${'1-'.repeat(million)}`, tooMany],
  [
    'characters',
    ' '.repeat(16 * 1024 * 1024 + 1),
    'opam file of 16777217 characters: at most 16777216 are read',
  ],
])('limits: %s', (_name, text, message) => {
  const error = errorOf(text)
  expect(error).toBeInstanceOf(OpamLimitError)
  expect(String(error)).toContain(message)
})

test.each([
  ['comments without an end', '(*'.repeat(4 * million), 'the comment is not closed'],
  ['quotes without an end', `a: """${'""\\"'.repeat(4 * million)}`, 'the string is not closed'],
  ['hyphens', `a: ${'-'.repeat(8 * million)}`, '"-" is not a valid token'],
  ['a name of many parts', `a: ${'_+'.repeat(4 * million)}`, '"+" is not a valid token'],
  ['an endless name', 'a'.repeat(8 * million), `end of file instead of ":" or "{"`],
  ['an endless number', `a: ${'1'.repeat(8 * million)}`, 'the integer exceeds 2^53'],
  ['lines', `${'\n'.repeat(8 * million)}!`, 'at line 8000001, column 0'],
])('rejects in linear time: %s', (_name, text, message) => {
  expect(String(errorOf(text))).toContain(message)
})

test.each([
  ['a string', `"${'x'.repeat(15 * million)}"`, 15 * million],
  ['escapes', `"${'\\n'.repeat(7 * million)}"`, 7 * million],
  ['codes', `"${'\\065'.repeat(3 * million)}"`, 3 * million],
])('reads what is large but within limits: %s', (_name, text, length) => {
  const value = parseValue(text)
  expect(value.kind === 'string' && value.value.length).toBe(length)
})

test('what nests as deep as the limit is read', () => {
  expect(shape(parseValue(`${'['.repeat(500)}${']'.repeat(500)}`))).toHaveLength(1000)
  expect(shape(parseValue(`b${' & c'.repeat(499)}`))).toMatch(/^<{499}b/)
})

function errorOf(text: string): unknown {
  try {
    parseOpam(text)
  } catch (error) {
    return error
  }
  throw new Error('read without an error')
}
