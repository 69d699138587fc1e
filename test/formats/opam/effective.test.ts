import { expect, test } from 'vitest'
import { isEffectivelyEqual } from '../../../server/formats/opam/effective.ts'
import type { OpamSection } from '../../../server/formats/opam/opam-value.ts'
import { parseSwitchExport } from '../../../server/formats/opam/switch-export.ts'

function section(text: string): OpamSection {
  const found = parseSwitchExport(`package "a" { ${text} }`).packages.get('a')
  if (!found) throw new Error('no section')
  return found
}

test.each([
  ['synopsis', 'synopsis: "b"', 'synopsis: "c"'],
  ['maintainer, authors, tags', 'maintainer: "b"', 'authors: "c" tags: ["d"]'],
  ['depexts and messages', 'depexts: [["b"] {os = "c"}]', 'messages: "d"'],
  ['other x- fields', 'x-commit-hash: "b"', 'x-commit-hash: "c"'],
  ['order of fields', 'build: ["b"] depends: ["c"]', 'depends: ["c"] build: ["b"]'],
  ['brackets of one package', 'depends: "b"', 'depends: ["b"]'],
  ['brackets of one command', 'build: ["b"]', 'build: [["b"]]'],
  ['brackets of a filtered command', 'build: ["b"] {c}', 'build: [["b"] {c}]'],
  ['an absent and an empty list', '', 'depends: [] patches: []'],
  ['a list and its conjunction', 'depends: ["b" "c"]', 'depends: "b" & "c"'],
  ['how & leans', 'depends: "b" & ("c" & "d")', 'depends: ("b" & "c") & "d"'],
  ['groups of one', 'available: (b)', 'available: b'],
  ['an empty option', 'depends: "b" {}', 'depends: "b"'],
  ['other flags', 'flags: [conf compiler]', 'flags: light-uninstall'],
  ['empty commands to remove', 'remove: [[]]', ''],
  ['build-test under its new name', 'build-test: ["b"]', 'run-test: ["b"]'],
  ['further checksums', 'url { src: "b" checksum: ["md5=1" "md5=2"] }', 'url { src: "b" checksum: "md5=1" }'],
  [
    'where equal content lies',
    'url { src: "b" checksum: "md5=1" }',
    'url { src: "c" checksum: "md5=1" mirrors: "d" }',
  ],
  [
    'the same of an extra source',
    'extra-source "b" { src: "c" checksum: "md5=1" }',
    'extra-source "b" { src: "d" checksum: "md5=1" }',
  ],
])('does not count: %s', (_name, left, right) => {
  expect(isEffectivelyEqual(section(left), section(right))).toBe(true)
  expect(isEffectivelyEqual(section(right), section(left))).toBe(true)
})

test.each([
  ['depends', 'depends: "b"', 'depends: "b" {>= "1"}'],
  ['an operator', 'depends: "b" {>= "1"}', 'depends: "b" {> "1"}'],
  ['a filter', 'depends: "b" {with-test}', 'depends: "b" {!with-test}'],
  ['which operator joins', 'depends: "b" & "c"', 'depends: "b" | "c"'],
  ['what a group holds together', 'depends: ("b" | "c") & "d"', 'depends: "b" | "c" & "d"'],
  ['depopts', 'depopts: "b"', 'depopts: "c"'],
  ['conflicts', '', 'conflicts: "b"'],
  ['conflict-class', 'conflict-class: "b"', 'conflict-class: "c"'],
  ['available', 'available: os = "b"', 'available: os != "b"'],
  ['the plugin flag', 'flags: [conf]', 'flags: [conf plugin]'],
  ['setenv', 'setenv: [B = "c"]', 'setenv: [B += "c"]'],
  ['build', 'build: ["b"]', 'build: ["b" "c"]'],
  ['a string for a variable', 'build: ["b"]', 'build: [b]'],
  ['run-test', 'run-test: ["b"]', ''],
  ['install', 'install: ["b"]', 'install: []'],
  ['remove', 'remove: ["b"]', 'remove: ["c"]'],
  ['substs', 'substs: "b"', 'substs: "c"'],
  ['patches', 'patches: "b"', 'patches: ["b" {c}]'],
  ['build-env', 'build-env: [B = "c"]', 'build-env: [B = "d"]'],
  ['features', 'features: [b {"c"} {"d"}]', 'features: [b {"c"} {"e"}]'],
  ['extra-files', 'extra-files: ["b" "md5=1"]', 'extra-files: ["b" "md5=2"]'],
  ['x-env-path-rewrite', 'x-env-path-rewrite: [B false]', 'x-env-path-rewrite: [B true]'],
  ['extra sources', 'extra-source "b" { src: "c" }', 'extra-source "d" { src: "c" }'],
  ['an old list of extra sources', 'extra-sources: ["b" "md5=1"]', 'extra-sources: ["b" "md5=2"]'],
  [
    'the first checksum',
    'url { src: "b" checksum: "md5=1" }',
    'url { src: "b" checksum: ["md5=2" "md5=1"] }',
  ],
  ['the URL without checksums', 'url { src: "b" }', 'url { src: "c" }'],
  ['a source at all', 'url { src: "b" }', ''],
])('counts: %s', (_name, left, right) => {
  expect(isEffectivelyEqual(section(left), section(right))).toBe(false)
  expect(isEffectivelyEqual(section(right), section(left))).toBe(false)
})
