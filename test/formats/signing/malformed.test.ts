import { expect, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { canonicalJson } from '../../../server/formats/signing/canonical-json.ts'
import { parseEnvelope } from '../../../server/formats/signing/dsse.ts'
import { parsePublicPem } from '../../../server/formats/signing/keys.ts'
import { parseLink } from '../../../server/formats/signing/link.ts'
import {
  minisignPublicKey,
  parseMinisign,
  parseMinisignKey,
  signMinisign,
} from '../../../server/formats/signing/minisign.ts'
import { parseNote } from '../../../server/formats/signing/parse-note.ts'
import { parseVerifierKey, signNote } from '../../../server/formats/signing/signed-note.ts'
import { parseSsh, parseSshPublicKey, signSsh } from '../../../server/formats/signing/sshsig.ts'
import { parseStatement } from '../../../server/formats/signing/statement.ts'
import { firstKey } from './test-keys.ts'

const hello = Buffer.from('hello')
const sig = { sig: 'AA==' }
const envelope = (changes: object = {}) =>
  JSON.stringify({ payload: 'AA==', payloadType: 't', signatures: [sig], ...changes })
const statement = (changes: object = {}) =>
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'a', digest: { sha256: 'ab' } }],
    ...{ predicateType: 'p', predicate: {} },
    ...changes,
  })
const link = (signed: object = {}, changes: object = {}) =>
  JSON.stringify({
    signatures: [],
    signed: { _type: 'link', name: 'n', materials: {}, products: { f: { sha256: 'ab' } }, ...signed },
    ...changes,
  })
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
const minisign = signMinisign(firstKey, hello, 'c')
const ssh = signSsh(firstKey, hello, 'n')
const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const note = signNote({ name: 'x', key: firstKey }, 'text\n')

const readers = {
  envelope: (text: string | Buffer) => parseEnvelope(Buffer.from(text)),
  statement: (text: string) => parseStatement(Buffer.from(text)),
  link: (text: string) => parseLink(Buffer.from(text)),
  canonical: (text: string) => canonicalJson(JSON.parse(text)),
  pem: parsePublicPem,
  minisign: parseMinisign,
  'minisign key': parseMinisignKey,
  ssh: parseSsh,
  'ssh key': parseSshPublicKey,
  note: parseNote,
  vkey: parseVerifierKey,
}

test.each<[keyof typeof readers, string | Buffer]>([
  ['envelope', envelope()],
  ['envelope', envelope({ deep: JSON.parse(nested(62)) })],
  ['statement', statement()],
  ['link', link()],
  ['canonical', '{"b":[1,null,true],"a":{}}'],
  ['minisign', minisign],
  ['minisign key', minisignPublicKey(firstKey)],
  ['ssh', ssh],
  ['note', note],
  ['note', `a\n\nb\n\n${note.split('\n').at(-2)}\n`],
  ['vkey', vkey],
])('a good %s is read', (reader, input) => {
  expect(() => readers[reader](input as string)).not.toThrow()
})

test.each<[keyof typeof readers, string, string | Buffer, string]>([
  ['envelope', 'empty', '', 'not JSON'],
  ['envelope', 'cut off', envelope().slice(0, -1), 'not JSON'],
  ['envelope', 'with text after it', `${envelope()}x`, 'not JSON'],
  ['envelope', 'that is a list', '[]', 'it is no object'],
  ['envelope', 'that is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not UTF-8'],
  ['envelope', 'with a byte order mark', `\ufeff${envelope()}`, 'not JSON'],
  ['envelope', 'with one key twice', envelope().replace('{', '{"payload":"AA==",'), 'two keys with one name'],
  [
    'envelope',
    'with one key twice, once escaped',
    envelope().replace('{', '{"p\\u0061yload":"AA==",'),
    'two keys',
  ],
  [
    'envelope',
    'with one key twice, deep inside',
    envelope({ x: [{ a: 1 }] }).replace('"a":1', '"a":1,"a":2'),
    'two keys',
  ],
  [
    'envelope',
    'with 65 levels',
    envelope({ deep: 1 }).replace('"deep":1', `"deep":${nested(64)}`),
    '64 levels',
  ],
  ['envelope', 'of a million brackets', '['.repeat(1024 ** 2), '64 levels'],
  ['envelope', 'of more than a MiB', ' '.repeat(1024 ** 2 + 1), '1048576 bytes'],
  ['envelope', 'without a payload', envelope({ payload: undefined }), 'payload is no text'],
  ['envelope', 'with a payload of another type', envelope({ payload: 1 }), 'payload is no text'],
  ['envelope', 'with a payload that is no base64', envelope({ payload: 'A A=' }), 'payload is not base64'],
  ['envelope', 'with wrong padding', envelope({ payload: 'AA=' }), 'payload is not base64'],
  ['envelope', 'with one digit of base64', envelope({ payload: 'A' }), 'payload is not base64'],
  ['envelope', 'without a type', envelope({ payloadType: null }), 'payloadType is no text'],
  ['envelope', 'without signatures', envelope({ signatures: [] }), 'no signature'],
  ['envelope', 'with signatures in an object', envelope({ signatures: {} }), 'signatures is no list'],
  ['envelope', 'with 17 signatures', envelope({ signatures: Array(17).fill(sig) }), 'more than 16'],
  [
    'envelope',
    'with a signature that is a text',
    envelope({ signatures: ['AA=='] }),
    'a signature is no object',
  ],
  ['envelope', 'with a signature without sig', envelope({ signatures: [{}] }), 'sig is no text'],
  [
    'envelope',
    'with a key id that is a number',
    envelope({ signatures: [{ ...sig, keyid: 1 }] }),
    'keyid is no text',
  ],
  ['statement', 'of an older version', statement({ _type: 'https://in-toto.io/Statement/v0.1' }), '_type'],
  ['statement', 'without subjects', statement({ subject: [] }), 'no subject'],
  [
    'statement',
    'with 1,025 subjects',
    statement({ subject: Array(1025).fill({ digest: { sha256: 'ab' } }) }),
    'more than 1024',
  ],
  [
    'statement',
    'with a subject without digests',
    statement({ subject: [{ name: 'a', digest: {} }] }),
    'no digest',
  ],
  [
    'statement',
    'with a digest in upper case',
    statement({ subject: [{ digest: { sha256: 'AB' } }] }),
    '0-9 and a-f',
  ],
  [
    'statement',
    'without a predicate type',
    statement({ predicateType: undefined }),
    'predicateType is no text',
  ],
  ['statement', 'with a predicate that is a list', statement({ predicate: [] }), 'predicate is no object'],
  ['link', 'that is a layout', link({ _type: 'layout' }), '_type is not link'],
  ['link', 'with a fraction', link({ byproducts: { x: 1.5 } }), '1.5 is no integer'],
  [
    'link',
    'with a signature in upper case',
    link({}, { signatures: [{ keyid: 'a', sig: 'AB' }] }),
    'sig is not hexadecimal',
  ],
  [
    'link',
    'with half a byte',
    link({}, { signatures: [{ keyid: 'a', sig: 'abc' }] }),
    'sig is not hexadecimal',
  ],
  ['link', 'with products that are a list', link({ products: [] }), 'products is no object'],
  ['link', 'with a hash that is a number', link({ products: { f: { sha256: 1 } } }), 'a hash is no text'],
  ['link', 'without signatures', link({}, { signatures: undefined }), 'signatures is no list'],
  ['canonical', 'number beyond integers', '[1e300]', 'no integer'],
  ['pem', 'without armor', 'MCowBQYDK2VwAyEA', 'no public key in PEM'],
  [
    'pem',
    'of nothing',
    '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
    'content is no public key',
  ],
  ['minisign', 'of one line', 'untrusted comment: x', 'a comment is missing'],
  ['minisign', 'of five lines', `${minisign}x\n`, 'more than four lines'],
  ['minisign', 'over the file itself', minisign.replace('\nRUQ', '\nRWQ'), 'another algorithm'],
  ['minisign', 'that is cut off', minisign.replace(/.{8}\n$/, '\n'), 'base64 of 64 bytes'],
  ['minisign', 'that is too long', minisign.padEnd(10_001), 'too long'],
  ['minisign key', 'that is a signature', minisign, 'base64 of 42 bytes'],
  ['ssh', 'without armor', ssh.replace('BEGIN', 'BEGINN'), 'no armor'],
  ['ssh', 'with a foreign character', ssh.replace('\nU', '\n*'), 'not base64'],
  ['ssh', 'that is cut off', ssh.split('\n').toSpliced(2, 1).join('\n'), 'malformed'],
  ['ssh key', 'of RSA', 'ssh-rsa AAAAB3NzaC1yc2E=', 'malformed'],
  ['note', 'without signatures', 'text\n', 'no signatures'],
  ['note', 'without a last line end', note.slice(0, -1), 'no signatures'],
  ['note', 'with a tab', `a\tb\n\n${note.split('\n').at(-2)}\n`, 'control characters'],
  ['note', 'with a hyphen in place of the dash', note.replace('—', '-'), 'no signature'],
  ['note', 'with a plus in a name', note.replace('— x', '— x+y'), 'no signature'],
  ['note', 'with 17 signatures', `a\n\n${`${note.split('\n').at(-2)}\n`.repeat(17)}`, 'more than 16'],
  ['note', 'with a signature of 4 bytes', 'a\n\n— x AAAAAA==\n', 'no signature'],
  ['vkey', 'with another id', vkey.replace('530d903a', '530d903b'), 'not of this name'],
  ['vkey', 'of another kind', vkey.replace('+Ae', '+Ce'), 'NAME+ID+KEY'],
  ['vkey', 'with a blank in its name', `a ${vkey}`, 'NAME+ID+KEY'],
])('a %s %s is refused', (reader, _how, input, reason) => {
  const read = () => readers[reader](input as string)
  expect(read).toThrow(MalformedError)
  expect(read).toThrow(reason)
})
