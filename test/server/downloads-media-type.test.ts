import { expect, test } from 'vitest'
import { mediaTypeOf } from '../../server/artifacts/media-type.ts'

test.each([
  ['opam-switch', 'text/plain'],
  ['build-environment', 'text/plain'],
  ['system-packages', 'text/plain'],
  ['utop.build-hashes', 'text/plain'],
  ['lib/utop.opam', 'text/plain'],
  ['utop.opam.locked', 'text/plain'],
  ['notes.TXT', 'text/plain'],
  ['test.log', 'text/plain'],
  ['foo.json', 'application/json'],
  ['docs/index.html', 'text/html'],
  ['picture.svg', 'image/svg+xml'],
  ['src.tar.gz', 'application/gzip'],
  // What a browser would run, or style a page with.
  ['a.js', 'text/plain'],
  ['a.mjs', 'text/plain'],
  ['a.css', 'text/plain'],
  ['a.wasm', 'application/octet-stream'],
  ['bin/unipi.hvt', 'application/octet-stream'],
  ['opam', 'text/plain'],
  ['bin/opam', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['bin/html', 'application/octet-stream'],
  ['opam-switch/x', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('%s is %s', (path, mediaType) => {
  expect(mediaTypeOf(path)).toBe(mediaType)
})
