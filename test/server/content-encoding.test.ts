import { expect, test } from 'vitest'
import { isCompressible, preferredEncoding } from '../../server/content-encoding.ts'

test.each([
  [undefined, null],
  ['', null],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['GZIP, deflate, BR', 'br'],
  ['gzip;q=1, br;q=0.5', 'gzip'],
  ['br;q=0, gzip;q=0', null],
  ['*', 'br'],
  ['*;q=0.1, br;q=0', 'gzip'],
  ['identity, gzip;q=0.5', null],
  ['deflate, zstd', null],
  ['gzip;q=nonsense', null],
])('Accept-Encoding %j prefers %j', (header, encoding) => {
  expect(preferredEncoding(header)).toBe(encoding)
})

test.each([
  ['text/plain', true],
  ['text/html; charset=utf-8', true],
  ['application/json', true],
  ['application/graphql-response+json; charset=utf-8', true],
  ['application/atom+xml', true],
  ['image/svg+xml', true],
  ['text/event-stream', false],
  ['application/gzip', false],
  ['application/octet-stream', false],
  ['image/png', false],
])('%s is compressed: %j', (type, expected) => {
  expect(isCompressible(type)).toBe(expected)
})
