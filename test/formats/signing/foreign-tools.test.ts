import { spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { expect, onTestFinished, test } from 'vitest'
import { preAuthEncoding, statementPayloadType } from '../../../server/formats/signing/dsse.ts'
import { inTotoKeyId, inTotoPublicKey } from '../../../server/formats/signing/in-toto-key.ts'
import {
  keyIdOf,
  publicPem,
  publicHalf,
  signBytes,
  signEnvelope,
} from '../../../server/formats/signing/keys.ts'
import { layoutOf, linkOf, printMetadata, signMetadata } from '../../../server/formats/signing/link.ts'
import { minisignKeyFile, minisignPublicKey, signMinisign } from '../../../server/formats/signing/minisign.ts'
import { printBundle } from '../../../server/formats/signing/sigstore-bundle.ts'
import { allowedSignersLine, signSsh } from '../../../server/formats/signing/sshsig.ts'
import { printStatement } from '../../../server/formats/signing/statement.ts'
import { isInstalled } from '../../programs.ts'
import { firstKey, flipped, secondKey } from './test-keys.ts'

const content = Buffer.from('a file\n')

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function folder() {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return {
    write(name: string, content: string | Uint8Array) {
      writeFileSync(join(dir, name), content)
      return join(dir, name)
    },
    /** Exit status of a program that runs there. */
    run: (program: string, args: string[], input?: Uint8Array) =>
      spawnSync(program, args, { cwd: dir, input, encoding: 'utf8' }).status,
  }
}

const freshKey = (type: 'ed25519' | 'p256'): KeyObject =>
  type === 'ed25519'
    ? generateKeyPairSync('ed25519').privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

test.skipIf(!isInstalled('openssl')).each(['ed25519', 'p256'] as const)(
  'openssl verifies what is signed by %s',
  (type) => {
    const { write, run } = folder()
    const key = freshKey(type)
    const signed = preAuthEncoding('t', content)
    write('key', publicPem(key))
    write('pae', signed)
    write('sig', signBytes(key, signed))
    write('changed', flipped(signed, 8))
    const verify = (file: string) =>
      run('openssl', [
        'pkeyutl',
        '-verify',
        '-pubin',
        '-inkey',
        'key',
        '-rawin',
        '-in',
        file,
        '-sigfile',
        'sig',
      ])
    expect([verify('pae'), verify('changed')]).toEqual([0, 1])
  },
)

test.skipIf(!isInstalled('minisign'))('minisign verifies a file and its comment', () => {
  const { write, run } = folder()
  write('key', minisignKeyFile(firstKey))
  write('file', content)
  write('file.minisig', signMinisign(firstKey, content, 'timestamp:1\tfile:file\thashed'))
  expect(run('minisign', ['-Vm', 'file', '-P', minisignPublicKey(firstKey)])).toBe(0)
  expect(run('minisign', ['-Vm', 'file', '-p', 'key'])).toBe(0)
  expect(run('minisign', ['-Vm', 'file', '-P', minisignPublicKey(secondKey)])).toBe(1)
  write('file', flipped(content, 2))
  expect(run('minisign', ['-Vm', 'file', '-p', 'key'])).toBe(1)
})

test.skipIf(!isInstalled('ssh-keygen'))('ssh-keygen verifies a file', () => {
  const { write, run } = folder()
  write('signers', allowedSignersLine(firstKey, 'hub.example', 'builder-hub'))
  write('file.sig', signSsh(firstKey, content, 'builder-hub'))
  const verify = (bytes: Uint8Array, namespace = 'builder-hub') =>
    run(
      'ssh-keygen',
      ['-Y', 'verify', '-f', 'signers', '-I', 'hub.example', '-n', namespace, '-s', 'file.sig'],
      bytes,
    )
  expect(verify(content)).toBe(0)
  expect(verify(flipped(content, 1))).toBe(255)
  expect(verify(content, 'git')).toBe(255)
})

test.skipIf(!isInstalled('in-toto-verify'))('in-toto-verify counts the links of two keys', () => {
  const digest = sha256(content)
  const link = (sha256 = digest) =>
    linkOf({ name: 'rebuild', materials: {}, products: { 'hello.deb': { sha256 } } })
  const verify = (links: [KeyObject, string?][], file: Uint8Array = content) => {
    const { write, run } = folder()
    const keys = [publicHalf(firstKey), publicHalf(secondKey)]
    const layout = layoutOf({ file: 'hello.deb', expires: '2999-01-01T00:00:00Z', threshold: 2, keys })
    write('root.layout', printMetadata(signMetadata([firstKey], layout)))
    write('hub.pub', JSON.stringify(inTotoPublicKey(firstKey)))
    write('hello.deb', file)
    for (const [key, sha] of links)
      write(`rebuild.${inTotoKeyId(key).slice(0, 8)}.link`, printMetadata(signMetadata([key], link(sha))))
    return run('in-toto-verify', ['-l', 'root.layout', '-k', 'hub.pub', '-t', 'ed25519'])
  }
  expect(verify([[firstKey], [secondKey]])).toBe(0)
  expect(verify([[firstKey]])).toBe(1)
  expect(verify([[firstKey], [secondKey, sha256(flipped(content, 0))]])).toBe(1)
  expect(verify([[firstKey], [secondKey]], flipped(content, 0))).toBe(1)
})

test('@sigstore/verify takes a bundle, and none with a flipped byte', () => {
  const key = freshKey('p256')
  const body = printStatement({
    subject: [{ name: 'a', digest: { sha256: sha256(content) } }],
    predicateType: 'p',
    predicate: {},
  })
  const root = { mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] }
  const material = toTrustMaterial(root, (hint) => {
    expect(hint).toBe(keyIdOf(key))
    return { publicKey: publicHalf(key), validFor: () => true }
  })
  const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 })
  const verify = (bundle: unknown) => verifier.verify(toSignedEntity(bundleFromJSON(bundle)))
  const bundle = JSON.parse(printBundle(signEnvelope(key, statementPayloadType, body)))
  expect(() => verify(bundle)).not.toThrow()
  const payload = flipped(body, 20).toString('base64')
  expect(() => verify({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload } })).toThrow()
})
