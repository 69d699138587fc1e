import { createHash, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  parseEnvelope,
  preAuthEncoding,
  printEnvelope,
  statementPayloadType,
} from '../../../server/formats/signing/dsse.ts'
import { inTotoKeyId } from '../../../server/formats/signing/in-toto-key.ts'
import { jwkThumbprint, publicJwk } from '../../../server/formats/signing/jwk-set.ts'
import {
  ed25519FromRaw,
  keyIdOf,
  parsePublicPem,
  publicHalf,
  publicPem,
  publicPemWithNull,
  signBytes,
  signEnvelope,
  signersOf,
  verifyBytes,
} from '../../../server/formats/signing/keys.ts'
import {
  parseLink,
  printMetadata,
  signMetadata,
  signersOfMetadata,
} from '../../../server/formats/signing/link.ts'
import {
  minisignKeyName,
  minisignKeyNumber,
  minisignPublicKey,
  parseMinisign,
  parseMinisignKey,
  signMinisign,
  verifyMinisign,
} from '../../../server/formats/signing/minisign.ts'
import {
  noteKeyId,
  parseVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from '../../../server/formats/signing/signed-note.ts'
import {
  parseSshPublicKey,
  signSsh,
  sshPublicKey,
  verifySsh,
} from '../../../server/formats/signing/sshsig.ts'
import { parseStatement, printStatement } from '../../../server/formats/signing/statement.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { firstKey, flipped, secondKey } from './test-keys.ts'

const publicKey = publicHalf(firstKey)
const hello = Buffer.from('hello')
const logSigner = { name: 'hub.example/log', key: firstKey }

const statementText =
  '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"bin/hello.hvt","digest":{"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"https://hub.example/buildtypes/orb/v1","externalParameters":{"job":"hello"}},"runDetails":{"builder":{"id":"https://hub.example/builders/alice"}}}}'
const statementSignature =
  'y0omUBNb9oigc4RmzJAUU4z5rPjzKXdTCybSU5EZeFhymLOOqZLR08+2wylW6SsVdysV+PIyt6tewgIHGmm8Bg=='

test('one key has five ids', () => {
  expect(keyIdOf(firstKey)).toBe('06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9')
  expect(jwkThumbprint(firstKey)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  expect(inTotoKeyId(firstKey)).toBe('01e8764eedab63b3593451765fc337b2cc6d2c66923845da255f448c19e2afc5')
  expect(noteKeyId(logSigner).toString('hex')).toBe('6b1dcc3d')
  expect(minisignKeyNumber(firstKey).toString('hex')).toBe('21fe31dfa154a261')
  expect(minisignKeyName(firstKey)).toBe('61A254A1DF31FE21')
})

test('each text of a public key reads back', () => {
  expect(publicJwk(firstKey)).toEqual({
    ...{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    ...{ kid: keyIdOf(firstKey), use: 'sig', alg: 'EdDSA' },
  })
  const read = [
    parsePublicPem(publicPem(firstKey)),
    parsePublicPem(publicPemWithNull(firstKey)),
    parseMinisignKey(minisignPublicKey(firstKey)),
    parseSshPublicKey(sshPublicKey(firstKey)),
    parseVerifierKey(verifierKey(logSigner)).key,
  ]
  expect(read.map(keyIdOf)).toEqual(read.map(() => keyIdOf(firstKey)))
  expect(publicPemWithNull(firstKey)).toContain('\nMCwwBwYDK2VwBQAD')
})

describe('DSSE', () => {
  test('a signature is over the type, the lengths and the body', () => {
    const type = 'http://example.com/HelloWorld'
    const encoded = preAuthEncoding(type, Buffer.from('hello world'))
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
    expect(Buffer.from(preAuthEncoding('ü', Buffer.from('é'))).toString()).toBe('DSSEv1 2 ü 2 é')
    expect(Buffer.from(signBytes(firstKey, encoded)).toString('base64')).toBe(
      '4DHX3Zn4qpBKvEj7maE8O9u9bjXEnPLLnyXVUJ2PXJR8DSLcL3QDpFvfJOj3pB/SPHsl6Jg4boxsMb6KvuYABw==',
    )
  })

  test("the protocol's own example, by ECDSA, is verified", () => {
    const point = (decimal: string) =>
      Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').toString('base64url')
    const key = createPublicKey({
      format: 'jwk',
      key: {
        ...{ kty: 'EC', crv: 'P-256' },
        x: point('46950820868899156662930047687818585632848591499744589407958293238635476079160'),
        y: point('5640078356564379163099075877009565129882514886557779369047442380624545832820'),
      },
    })
    const raw = Buffer.from(
      'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==',
      'base64',
    )
    // That signature is r and s; here, as in Sigstore, signatures are DER.
    const der = Buffer.concat([
      Buffer.from('30440220', 'hex'),
      raw.subarray(0, 32),
      Buffer.from('0220', 'hex'),
      raw.subarray(32),
    ])
    const signed = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))
    expect(verifyBytes(key, signed, der)).toBe(true)
    expect(verifyBytes(key, flipped(signed, 3), der)).toBe(false)
  })

  test('a statement has the bytes and the signature of the specification', () => {
    const statement = parseStatement(Buffer.from(statementText))
    const body = printStatement(statement)
    expect(Buffer.from(body).toString()).toBe(statementText)
    expect(createHash('sha256').update(body).digest('hex')).toBe(
      'e57677cb15707ecd7d9bbe34688103033f0d15cd815050c76b3a8fda83be0e69',
    )
    const printed = printEnvelope(signEnvelope(firstKey, statementPayloadType, body))
    expect(JSON.parse(printed)).toMatchObject({
      signatures: [{ keyid: keyIdOf(firstKey), sig: statementSignature }],
    })
    const signers = signersOf(parseEnvelope(Buffer.from(printed)), [publicHalf(secondKey), publicKey])
    expect(signers.map(keyIdOf)).toEqual([keyIdOf(firstKey)])
  })

  test('one flipped byte of body, type or signature is no signature', () => {
    const good = signEnvelope(firstKey, statementPayloadType, Buffer.from('body'))
    const bad = [
      { ...good, body: flipped(good.body, 0) as Uint8Array<ArrayBuffer> },
      { ...good, payloadType: `${good.payloadType}x` },
      {
        ...good,
        signatures: good.signatures.map(({ keyid, sig }) => ({
          keyid,
          sig: Uint8Array.from(flipped(sig, 9)),
        })),
      },
    ]
    expect(signersOf(good, [publicKey])).toHaveLength(1)
    for (const envelope of bad) expect(signersOf(envelope, [publicKey])).toEqual([])
  })

  test('URL-safe base64, missing key ids and unknown fields are read; keys are counted, not signatures', () => {
    const body = Buffer.from([0xfb, 0xff, 0xfe]) as Uint8Array<ArrayBuffer>
    const sig = Buffer.from(signBytes(firstKey, preAuthEncoding('t', body))).toString('base64url')
    const text = JSON.stringify({
      payload: '-__-',
      payloadType: 't',
      other: 1,
      signatures: [{ sig }, { sig, keyid: 'x', more: [] }],
    })
    const envelope = parseEnvelope(Buffer.from(text))
    expect([...envelope.body]).toEqual([...body])
    expect(envelope.signatures.map(({ keyid }) => keyid)).toEqual(['', 'x'])
    expect(signersOf(envelope, [publicKey])).toHaveLength(1)
  })
})

describe('minisign', () => {
  const body =
    'RUQh/jHfoVSiYfr4kRzSiDJ5E0zAftKbbbcA4PXeilqTv0J3BrhZxYin93K60KwH1W+lrYqfEP/9zQFjpBmgzq9LfT35r8VgiAY='

  test('the signature of a file has the bytes of minisign', () => {
    expect(minisignPublicKey(firstKey)).toBe('RWQh/jHfoVSiYddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea')
    const signature = signMinisign(firstKey, hello, 'timestamp:1\tfile:hello\thashed')
    expect(signature.split('\n')[1]).toBe(body)
    expect(parseMinisign(signature).comment).toBe('timestamp:1\tfile:hello\thashed')
  })

  test('a change of file, comment or key is noticed', () => {
    const signature = signMinisign(firstKey, hello, 'x')
    expect(verifyMinisign(publicKey, hello, signature)).toBe(true)
    expect(verifyMinisign(publicKey, flipped(hello, 0), signature)).toBe(false)
    expect(verifyMinisign(publicHalf(secondKey), hello, signature)).toBe(false)
    expect(verifyMinisign(publicKey, hello, signature.replace('comment: x', 'comment: y'))).toBe(false)
  })
})

test('an SSH signature is good for its file, key and namespace alone', () => {
  const signature = signSsh(firstKey, hello, 'builder-hub')
  expect(verifySsh(publicKey, hello, 'builder-hub', signature)).toBe(true)
  expect(verifySsh(publicKey, flipped(hello, 1), 'builder-hub', signature)).toBe(false)
  expect(verifySsh(publicKey, hello, 'git', signature)).toBe(false)
  expect(verifySsh(publicHalf(secondKey), hello, 'builder-hub', signature)).toBe(false)
  expect(Math.max(...signature.split('\n').map((line) => line.length))).toBe(70)
})

describe('signed notes', () => {
  const note =
    'hub.example/log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n' +
    '— hub.example/log ax3MPa0o/ec+h7k7ZPfuMMqRGQh2jZ/XfYy4iBWFbfzfhykMzFhCYFSqth2ntIPbgAXdHrS09fmbldwfqRCeAH75OQE=\n'

  test('a checkpoint has the bytes of the specification', () => {
    expect(verifierKey(logSigner)).toBe(
      'hub.example/log+6b1dcc3d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea',
    )
    expect(signNote(logSigner, note.split('\n\n')[0] + '\n')).toBe(note)
  })

  test.each([
    [
      'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
      'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
    ],
    [
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    ],
  ])('the published example of %s is verified', (vkey, example) => {
    const signer = parseVerifierKey(vkey)
    expect(verifierKey(signer)).toBe(vkey)
    expect(verifyNote(example, [signer, logSigner]).signers.map(({ name }) => name)).toEqual([signer.name])
    expect(() => verifyNote(example.replace('you', 'we').replace('example m', 'sample m'), [signer])).toThrow(
      'is wrong',
    )
    expect(verifyNote(example, [logSigner]).signers).toEqual([])
  })
})

describe.skipIf(!hasCorpus)('links of real rebuilders', () => {
  test.each([
    [
      'filesystem-2025.10.12-1-any.in-toto.link',
      'reproducible-archlinux.pub',
      '1ae6d32cb5bb8a98312106de28e50af7e09a9b294d51df459537908ac1288b8f',
    ],
    [
      'librust-as-slice-dev_0.2.1-1+b2_amd64.in-toto.link',
      'reproduce-debian-net-amd64.pub',
      '2980aa6249ad89ce0ef0f0f5e6d0896214301b2818aad33443444cf460df6ed6',
    ],
  ])('%s is verified, and written as it was', (file, keyFile, keyId) => {
    const bytes = readFileSync(corpusPath('in-toto', file))
    const key = parsePublicPem(readFileSync(corpusPath('in-toto', keyFile), 'utf8'))
    expect(inTotoKeyId(key)).toBe(keyId)
    const { link, ...metadata } = parseLink(bytes)
    expect(metadata.signatures.map(({ keyid }) => keyid)).toContain(keyId)
    expect(signersOfMetadata(metadata, [key, publicKey]).map(keyIdOf)).toEqual([keyIdOf(key)])
    expect(printMetadata(metadata)).toBe(bytes.toString().trimEnd())
    expect(Object.keys(link.products)).toHaveLength(1)
    const changed = { ...metadata, signed: { ...metadata.signed, name: 'rebuild other' } }
    expect(signersOfMetadata(changed, [key])).toEqual([])
  })
})

test('a link with an escaped line end is signed as in-toto-rs signs it: with a real one', () => {
  const signed = { _type: 'link', name: 'a\nb' }
  const [signature] = signMetadata([firstKey], signed).signatures
  const bytes = Buffer.from('{"_type":"link","name":"a\nb"}')
  expect(verifyBytes(publicKey, bytes, Buffer.from(signature?.sig ?? '', 'hex'))).toBe(true)
})

test('a raw key and its PEM are one key', () => {
  const raw = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
  expect(publicPem(ed25519FromRaw(raw))).toBe(publicPem(firstKey))
})
