import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { formsOf, isCurrent, listKeys, type PublishedKey } from './list-keys.ts'
import { keyPurposes } from './key-purpose.ts'

const Purpose = builder.enumType('SigningKeyPurpose', {
  description: 'What a key of the site signs.',
  values: {
    [keyPurposes[0]]: { description: 'Statements about builds, and lists of checksums.' },
    [keyPurposes[1]]: { description: 'Checkpoints of the log, and nothing else.' },
    [keyPurposes[2]]: { description: 'The same statements for cosign, which reads no Ed25519.' },
    WITNESS: { description: 'What this site has seen of the logs of other sites.' },
  } as const,
})

const SigningKey = builder.objectRef<PublishedKey>('SigningKey').implement({
  description: 'The public half of a key that the site signs with, or has signed with.',
  fields: (t) => ({
    purpose: t.expose('purpose', { type: Purpose, description: 'What it signs.' }),
    algorithm: t.exposeString('algorithm', { description: '`ED25519` or `P256`.' }),
    keyId: t.expose('keyId', {
      type: 'Sha256',
      description: 'Its id: SHA-256 of SubjectPublicKeyInfo. Pin this one.',
    }),
    publicKey: t.exposeString('publicKey', { description: 'The key in PEM, as openssl reads it.' }),
    isCurrent: t.boolean({ description: 'Whether the site signs with it now.', resolve: isCurrent }),
    activeFrom: t.expose('activeFrom', {
      type: 'DateTime',
      description: 'Since when the site signs with it.',
    }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When another key took its place. Null: none has.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the operator said that others may have it. Null: never.',
    }),
    revokedSince: t.expose('revokedSince', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when others may have it.',
    }),
    revokedFor: t.exposeString('revokedFor', { nullable: true, description: 'Why it was revoked.' }),
    introduction: t.exposeString('introduction', {
      nullable: true,
      description: 'DSSE envelope in which the key before names this one. Null: none did.',
    }),
    jwkThumbprint: t.string({
      description: 'Its thumbprint as JSON Web Key (RFC 7638).',
      resolve: (key, _args, { siteUrl }) => formsOf(key, siteUrl).jwkThumbprint,
    }),
    inTotoKeyId: t.string({
      nullable: true,
      description: 'Its id for in-toto-verify. Null: it signs nothing for in-toto.',
      resolve: (key, _args, { siteUrl }) => formsOf(key, siteUrl).inTotoKeyId,
    }),
    minisign: t.string({
      nullable: true,
      description: 'The key for `minisign -P`. Null: it signs nothing for minisign.',
      resolve: (key, _args, { siteUrl }) => formsOf(key, siteUrl).minisign,
    }),
    ssh: t.string({
      nullable: true,
      description: 'The key as OpenSSH has it. Null: it signs nothing for ssh-keygen.',
      resolve: (key, _args, { siteUrl }) => formsOf(key, siteUrl).ssh,
    }),
    verifierKey: t.string({
      nullable: true,
      description: 'The key of the log in one line, for its monitors. Null: it is not of the log.',
      resolve: (key, _args, { siteUrl, transparency }) =>
        formsOf(key, siteUrl, transparency.published()?.origin).verifierKey,
    }),
  }),
})

builder.queryField('keys', (t) =>
  t.field({
    type: [SigningKey],
    description:
      'The keys of the site, of all time, by purpose and the newest first. None: the site signs nothing.',
    complexity: { field: batchPrice, multiplier: 4 },
    resolve: (_root, _args, { db }) => listKeys(db),
  }),
)
