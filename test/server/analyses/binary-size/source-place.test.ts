import { expect, test } from 'vitest'
import { placeOfSource } from '../../../../server/analyses/binary-size/source-place.ts'

test.each([
  ['src/dns.ml', '/home/u/.opam/4.14/.opam-switch/build/dns.7.0.0/_build/default', 'package dns src/dns.ml'],
  ['dns/src/dns.ml', '/tmp/s/.opam-switch/build', 'package dns src/dns.ml'],
  ['zarith.ml', '/tmp/s/.opam-switch/sources/zarith.1.13+dune', 'package zarith zarith.ml'],
  ['duniverse/mirage-crypto/src/aes.c', '/home/u/unikernel/_build/solo5', 'package mirage-crypto src/aes.c'],
  ['duniverse/x/src/a.c', '/tmp/s/.opam-switch/build/hello.1/_build/default', 'package x src/a.c'],
  ['/src/vendor/lz4/lz4.c', null, 'package lz4 lz4.c'],
  ['/home/u/p/_opam/lib/cstruct/cstruct.h', null, 'package cstruct cstruct.h'],
  ['/home/u/.opam/5.2.0/lib/cstruct/cstruct.h', null, 'package cstruct cstruct.h'],
  ['list.ml', '/tmp/s/.opam-switch/build/ocaml-base-compiler.5.2.1/stdlib', 'package ocaml stdlib/list.ml'],
  ['list.ml', './stdlib', 'package ocaml stdlib/list.ml'],
  ['unix.ml', './otherlibs/unix', 'package ocaml otherlibs/unix/unix.ml'],
  ['dynlink.ml', '/tmp/s/.opam-switch/build/ocaml-variants.5.2.0/x', 'package ocaml x/dynlink.ml'],
  ['runtime/memory.c', '/build/ocaml-5.1.1', 'runtime memory.c'],
  ['memory.c', './runtime', 'runtime memory.c'],
  ['gen/prims.c', '/tmp/s/.opam-switch/build/ocaml-solo5.1.0.0/ocaml/runtime', 'runtime gen/prims.c'],
  ['nolibc/dtoa.c', '/tmp/s/.opam-switch/build/ocaml-solo5.1.0.0', 'package ocaml-solo5 nolibc/dtoa.c'],
  ['zonecheck.ml', '/home/build/elf/src', 'unknown zonecheck.ml'],
  ['./a/b.c', '/x', 'unknown a/b.c'],
  ['runtime/x.c', '/home/u/engine', 'unknown runtime/x.c'],
  ['vendor', '/x', 'unknown vendor'],
  ['', null, 'unknown '],
])('%s, compiled in %s', (path, folder, expected) => {
  const place = placeOfSource({ path, folder })
  const name = place.kind === 'package' ? `${place.name} ` : ''
  expect(`${place.kind} ${name}${place.path}`).toBe(expected)
})
