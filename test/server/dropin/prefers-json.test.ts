import { expect, test } from 'vitest'
import { prefersJson } from '../../../server/dropin/prefers-json.ts'

test.each([
  ['application/json', true],
  ['Application/JSON', true],
  ['application/json, text/html', true],
  ['text/html, application/json', true],
  ['application/json;q=0.5', true],
  ['text/html;q=0.5, application/json;q=0.5', true],
  ['text/html;q=0.4, application/json; q=0.5', true],
  ['text/html, application/json;q=0.9', false],
  ['application/json, text/plain, */*', true],
  ['application/json;q=0.9, */*;q=0.8', true],
  ['application/json;q=0.5, */*', false],
  ['application/json;q=0.5, text/*', false],
  ['application/json;q=0.5, text/html;q=0.1, */*', true],
  ['application/json ; q = 0.5 , text/html;q=0.6', false],
  ['application/json;q=2', false],
  ['application/json;q=x', false],
  ['text/html, application/json, text/html;q=0.1', true],
  ['application/json;q=0', false],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
  ['*/*', false],
  ['application/*', false],
  ['application/json-seq', false],
  ['', false],
  [undefined, false],
])('Accept: %s', (accept, expected) => {
  expect(prefersJson(accept)).toBe(expected)
})
