import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as server from '../../server/visible-text.ts'
import * as web from '../../web/ui/visible-text.ts'

test.each([
  ['plain', 'plain'],
  ['a b', 'a b'],
  ['日本語 ü é עברית', '日本語 ü é עברית'],
  ['👩‍👩‍👧 ❤️ 👩🏽‍🚀 1️⃣', '👩‍👩‍👧 ❤️ 👩🏽‍🚀 1️⃣'],
  ['e\u202egpj.exe', 'e‹U+202E›gpj.exe'],
  ['\u2066a\u2069\u200e\u061c', '‹U+2066›a‹U+2069›‹U+200E›‹U+061C›'],
  ['\ufeffbom', '‹U+FEFF›bom'],
  ['a\u200bb\u200dc\u00add', 'a‹U+200B›b‹U+200D›c‹U+00AD›d'],
  ['a\ufe0f1\ufe0f', 'a‹U+FE0F›1‹U+FE0F›'],
  ['a\u2028b\u2029c', 'a‹U+2028›b‹U+2029›c'],
  ['a\u00a0b\u3000c', 'a‹U+00A0›b‹U+3000›c'],
  ['\u001b[31m\u0085', '‹U+001B›[31m‹U+0085›'],
  ['\ufffe\uffff\u{1fffe}', '‹U+FFFE›‹U+FFFF›‹U+1FFFE›'],
  ['\ud800x\udc00', '‹U+D800›x‹U+DC00›'],
  ['\u3164\u2800\u{e0041}', '‹U+3164›‹U+2800›‹U+E0041›'],
])('%j shows what it hides', (text, shown) => {
  expect([server.visibleText(text), web.visibleText(text)]).toEqual([shown, shown])
  expect([server.visibleName(text), web.visibleName(text)]).toEqual([shown, shown])
})

test.each([
  [' ', '‹U+0020›'],
  [' a  b ', '‹U+0020›a‹U+0020›‹U+0020›b‹U+0020›'],
  ['a b c', 'a b c'],
  ['a\r\nb\tc', 'a‹U+000D›‹U+000A›b‹U+0009›c'],
])('the name %j shows each space that HTML drops; text keeps it', (name, shown) => {
  expect([server.visibleName(name), web.visibleName(name)]).toEqual([shown, shown])
  expect([server.visibleText(name), web.visibleText(name)]).toEqual([name, name])
})

test('no character that is hidden, or that turns text around, is left; the rest is as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const shown = server.visibleName(text)
      expect(shown).toBe(web.visibleName(text))
      expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u)
      const back = shown.replace(/‹U\+([\dA-F]{4,6})›/g, (_, hex: string) =>
        String.fromCodePoint(parseInt(hex, 16)),
      )
      expect(back).toBe(text)
    }),
    { seed: 11, numRuns: 2_000 },
  )
})
