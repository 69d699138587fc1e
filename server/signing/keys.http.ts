import type { KeyObject } from 'node:crypto'
import type { Deps } from '../deps.ts'
import { publicJwk } from '../formats/signing/jwk-set.ts'
import { minisignKeyFile } from '../formats/signing/minisign.ts'
import { verifierKey } from '../formats/signing/signed-note.ts'
import { allowedSignersLine } from '../formats/signing/sshsig.ts'
import { sendText, type HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import { newestHead } from '../transparency/log-head.ts'
import { siteUrl } from '../site-url.ts'
import {
  isCurrent,
  listKeys,
  logOrigin,
  publicKeyOf,
  signerName,
  sshNamespace,
  type PublishedKey,
} from './list-keys.ts'
import type { KeyPurpose } from './key-purpose.ts'
import { printTime } from './print-time.ts'

const orNull = (at: Date | null) => (at === null ? null : printTime(at))

/** A member of the JWK set: the key, and what this site says of it. */
const jwkOf = (key: PublishedKey) => ({
  ...publicJwk(publicKeyOf(key)),
  ...{ purpose: key.purpose, activeFrom: printTime(key.activeFrom), retiredAt: orNull(key.retiredAt) },
  ...{ revokedAt: orNull(key.revokedAt), revokedSince: orNull(key.revokedSince), revokedFor: key.revokedFor },
})

/** The current key in some form; `url` is the address of the site. */
const files: Record<
  string,
  { purpose: KeyPurpose; print: (key: KeyObject, url: string, pem: string, origin: string) => string }
> = {
  '/keys/attest.pem': { purpose: 'ATTEST', print: (_key, _url, pem) => pem },
  '/keys/sigstore.pem': { purpose: 'SIGSTORE', print: (_key, _url, pem) => pem },
  '/keys/minisign.pub': { purpose: 'ATTEST', print: minisignKeyFile },
  '/keys/log.vkey': {
    purpose: 'LOG',
    print: (key, _url, _pem, origin) => `${verifierKey({ name: origin, key })}\n`,
  },
}

/** The public keys of the site, for programs that verify: all of all time, and the current ones in the form of each program. */
export function keyRoutes({ config, db }: Pick<Deps, 'config' | 'db'>): HttpRoute[] {
  const route = (path: string, handle: HttpRoute['handle']): HttpRoute => ({
    methods: ['GET', 'HEAD'],
    path,
    handle,
  })
  return [
    route('/keys.json', async (context) => {
      const keys = (await listKeys(db)).map(jwkOf)
      await sendMade(context, makeAnswer('application/json', JSON.stringify({ keys })))
    }),
    route('/keys/rotations.jsonl', async (context) => {
      const lines = (await listKeys(db)).flatMap(({ introduction }) => introduction ?? [])
      await sendMade(context, makeAnswer('application/jsonl', lines.map((line) => `${line}\n`).join('')))
    }),
    route('/keys/allowed_signers', async (context) => {
      const name = signerName(siteUrl(context.request, config))
      const keys = (await listKeys(db, 'ATTEST')).filter(({ revokedAt }) => revokedAt === null)
      const lines = keys.map((key) => allowedSignersLine(publicKeyOf(key), name, sshNamespace))
      await sendMade(context, makeAnswer('text/plain', lines.join('')))
    }),
    ...Object.entries(files).map(([path, { purpose, print }]) =>
      route(path, async (context) => {
        const key = (await listKeys(db, purpose)).find(isCurrent)
        if (!key) return sendText(context.response, 404, 'the site signs nothing: it has no such key')
        const url = siteUrl(context.request, config)
        const origin = (await newestHead(db))?.origin ?? logOrigin(url)
        const text = print(publicKeyOf(key), url, key.publicKey, origin)
        await sendMade(context, makeAnswer('text/plain', text))
      }),
    ),
  ]
}
