import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  armored,
  fingerprintOf,
  openPgpKey,
  publicKeyOf,
  signCleartext,
  signDetached,
} from '../../server/formats/openpgp.ts'

const at = new Date('2026-01-15T10:00:00Z')

function freshKey(userId = 'Test <test@example.org>') {
  const { privateKey } = generateKeyPairSync('ed25519')
  return openPgpKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), at, userId)
}

function folder() {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return {
    dir,
    write(name: string, content: string | Uint8Array) {
      writeFileSync(join(dir, name), content)
      return join(dir, name)
    },
  }
}

const gpgv = (args: string[]) => {
  const { status, stderr } = spawnSync('gpgv', args, { encoding: 'utf8' })
  return { status, stderr }
}

// Each key and signature has numbers with other lengths.
test.each(Array.from({ length: 8 }, (_, round) => round))(
  'gpgv verifies both kinds of signatures, round %i',
  (round) => {
    const { dir, write } = folder()
    const key = freshKey()
    const keyring = write('key.gpg', publicKeyOf(key))
    const text = `Origin: round ${round}\n- begins with a hyphen\n\nFrom: x\nends with blanks  \n`
    const file = write('Release', text)
    const detached = write('Release.gpg', signDetached([key], Buffer.from(text), at))
    const clear = write('InRelease', signCleartext([key], text, at))
    expect(gpgv(['--keyring', keyring, detached, file])).toMatchObject({ status: 0 })
    const { status, stderr } = gpgv(['--keyring', keyring, '--output', join(dir, 'out'), clear])
    expect(status).toBe(0)
    expect(stderr).toContain(fingerprintOf(key))
    expect(gpgv(['--keyring', keyring, detached, write('changed', `${text}x`)]).status).not.toBe(0)
  },
)

test('a text with the signatures of two keys is good for who has either', () => {
  const { write } = folder()
  const [old, fresh] = [freshKey('old'), freshKey('new')]
  const clear = write('InRelease', signCleartext([old, fresh], 'Origin: x\n', at))
  for (const key of [old, fresh])
    expect(gpgv(['--keyring', write('key.gpg', publicKeyOf(key)), clear]).stderr).toContain('Good signature')
  const other = write('other.gpg', publicKeyOf(freshKey()))
  expect(gpgv(['--keyring', other, clear]).stderr).not.toContain('Good signature')
})

test('gpg shows the key with its fingerprint, and the certificate of its user id is good', () => {
  const { dir, write } = folder()
  const key = freshKey('Hub <hub@example.org>')
  const file = write('key.asc', armored('PUBLIC KEY BLOCK', publicKeyOf(key)))
  const run = (...args: string[]) =>
    execFileSync('gpg', ['--homedir', dir, '--batch', '--with-colons', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
  const shown = run('--show-keys', file)
  expect(shown).toContain(`fpr:::::::::${fingerprintOf(key)}:`)
  expect(shown).toContain('Hub <hub@example.org>')
  run('--import', file)
  expect(run('--check-sigs')).toContain('sig:!::22:')
})

test('the bytes of a key and its signature are those of the format', () => {
  // The first key of RFC 8032, 7.1: its signature is the same each time.
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex').toString('base64')
  const pem = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`
  const key = openPgpKey(pem, at, 'Test')
  expect(armored('PUBLIC KEY BLOCK', publicKeyOf(key))).toMatchSnapshot()
  expect(signCleartext([key], 'Origin: x\n', at)).toMatchSnapshot()
})
