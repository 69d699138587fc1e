import { expect, test } from 'vitest'
import { NotSealedError, seal, unseal } from '../../../server/secrets/seal.ts'
import { describeUserAgent } from '../../../server/sessions/describe-user-agent.ts'

const key = Buffer.alloc(32, 7)
const secret = Buffer.from('a secret')

test('what is sealed opens with the same key for the same purpose, and not otherwise', () => {
  const sealed = seal(key, 'test', secret)
  expect(unseal(key, 'test', sealed)).toEqual(secret)
  expect(Buffer.from(seal(key, 'test', secret))).not.toEqual(Buffer.from(sealed))
  expect(() => unseal(key, 'other', sealed)).toThrow(NotSealedError)
  expect(() => unseal(Buffer.alloc(32, 8), 'test', sealed)).toThrow(NotSealedError)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => unseal(key, 'test', changed)).toThrow(NotSealedError)
    expect(() => unseal(key, 'test', sealed.subarray(0, at))).toThrow(NotSealedError)
  }
})

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128 on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    'Chrome 120 on Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/121.0.0.0',
    'Edge 121 on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
    'Safari 17 on iOS',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.1 Safari/605.1.15',
    'Safari 16 on macOS',
  ],
  ['Mozilla/5.0 (X11; FreeBSD amd64; rv:115.0) Gecko/20100101 Firefox/115.0', 'Firefox 115 on FreeBSD'],
  ['curl/8.5.0', 'curl 8'],
  ['', 'unknown program'],
  ['my own (Linux)', 'unknown program on Linux'],
])('%s is called %s', (userAgent, words) => {
  expect(describeUserAgent(userAgent)).toBe(words)
})
