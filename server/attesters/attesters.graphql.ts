import { resultOf } from '../admin/refusals.graphql.ts'
import { Attestation } from '../attestations/attestations.graphql.ts'
import { actorOf, type Act } from '../audit/actor.ts'
import { MalformedError } from '../errors.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { Refusal } from '../graphql/refusal.ts'
import { sitePolicy } from '../policy/site-policy.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import type { Viewer } from '../users/viewer.ts'
import {
  KeyRevokedError,
  receiveAttestation,
  UnknownKeyError,
  UnknownSubjectError,
} from './receive-attestation.ts'
import { AttesterKeyError, registerKey, revokeTrustedKey } from './register-key.ts'

const refusals = [
  [AttesterKeyError, 'AttesterKeyError', 'The key cannot be registered or revoked.'],
  [UnknownKeyError, 'UnknownKeyError', 'No registered key has signed the statement.'],
  [KeyRevokedError, 'KeyRevokedError', 'The key that has signed the statement was revoked.'],
  [UnknownSubjectError, 'UnknownSubjectError', 'The statement is about nothing that this site knows.'],
] as const

for (const [type, name, description] of refusals)
  builder.objectType(type, { name, description, interfaces: [Refusal] })

const TrustedKey = builder.prismaObject('TrustedKey', {
  description: 'The public half of a key of somebody else, whose statements this site receives.',
  fields: (t) => ({
    keyId: t.field({
      type: 'Sha256',
      description: 'Its id: SHA-256 of SubjectPublicKeyInfo.',
      select: { sha256: true },
      resolve: ({ sha256 }) => sha256,
    }),
    name: t.exposeString('name', { description: 'What its owner calls it.' }),
    algorithm: t.exposeString('algorithm', { description: '`ED25519` or `P256`.' }),
    publicKey: t.exposeString('publicKey', { description: 'The key in PEM, as openssl reads it.' }),
    owner: t.string({
      nullable: true,
      description: 'Name of the user who has registered it. Null: the user was removed.',
      select: { user: { select: { name: true } } },
      resolve: ({ user }) => user?.name ?? null,
    }),
    group: t.string({
      nullable: true,
      description:
        'The group of the policy that it votes for. Null: its votes do not count by the policy, or the site has none.',
      select: { sha256: true },
      resolve: ({ sha256 }, _args, { config }) => sitePolicy(config)?.keys.get(sha256)?.group ?? null,
    }),
    addedAt: t.expose('addedAt', { type: 'DateTime', description: 'When it was registered.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its owner said that others may have it. Null: never.',
    }),
    revokedFor: t.exposeString('revokedFor', { nullable: true, description: 'Why it was revoked.' }),
    attestationCount: t.relationCount('attestations', { description: 'Number of its statements.' }),
    attestations: t.relation('attestations', {
      description: 'What it has signed, the newest first; at most 20.',
      complexity: { field: batchPrice, multiplier: 4 },
      query: { orderBy: { id: 'desc' }, take: 20 },
    }),
  }),
})

const maxListedKeys = 200

builder.queryField('trustedKeys', (t) =>
  t.prismaField({
    type: [TrustedKey],
    description: `Keys of others whose statements this site receives, the newest first; at most ${maxListedKeys}.`,
    complexity: { field: batchPrice, multiplier: 20 },
    resolve: (query, _root, _args, { db }) =>
      db.trustedKey.findMany({ ...query, orderBy: { id: 'desc' }, take: maxListedKeys }),
  }),
)

/** The user who sends the request, and may attest. Throws NotAuthorizedError. */
async function attestingAct(context: Context): Promise<{ viewer: Viewer; act: Act }> {
  const viewer = await context.requireRight('attest')
  return { viewer, act: { actor: actorOf(viewer, context), at: context.clock.now() } }
}

builder.mutationFields((t) => ({
  attest: t.field({
    type: Attestation,
    nullable: true,
    description: 'Send a statement that a registered key has signed. `POST /attestations` does the same.',
    args: {
      statement: t.arg.string({
        required: true,
        description: 'A DSSE envelope, or a link of in-toto, as JSON.',
      }),
    },
    errors: {
      types: [NotAuthorizedError, MalformedError, UnknownKeyError, KeyRevokedError, UnknownSubjectError],
      ...resultOf('Attest', 'The statement is stored.', 'attestation', 'The statement.'),
    },
    resolve: async (_root, { statement }, context) => {
      await attestingAct(context)
      const { uuid } = await receiveAttestation(context, Buffer.from(statement))
      return context.db.attestation.findUniqueOrThrow({ where: { uuid } })
    },
  }),
  registerKey: t.field({
    type: 'Sha256',
    nullable: true,
    description: 'Register a key of yours, whose statements this site then receives.',
    args: {
      name: t.arg.string({ required: true, description: 'What people call it.' }),
      publicKey: t.arg.string({ required: true, description: 'The public key in PEM: Ed25519 or P-256.' }),
      proof: t.arg.string({
        required: true,
        description:
          'A DSSE envelope of the type `application/vnd.builder-hub.possession+json`, which the key has signed; its body is JSON with `site`, `user`, `keyId` and `time`. `hub attest register` makes it.',
      }),
    },
    errors: {
      types: [NotAuthorizedError, AttesterKeyError, MalformedError],
      ...resultOf('RegisterKey', 'The key is registered.', 'keyId', 'Id of the key.'),
    },
    resolve: async (_root, args, context) => {
      const { viewer, act } = await attestingAct(context)
      return registerKey(context, act, viewer, context.siteUrl, args)
    },
  }),
  revokeKey: t.field({
    type: 'Sha256',
    nullable: true,
    description:
      'Say that others may have signed with a key of yours: its statements count no more. Administrators may revoke any registered key.',
    args: {
      keyId: t.arg({ type: 'Sha256', required: true, description: 'Id of the key.' }),
      reason: t.arg.string({ required: true, description: 'Why: everybody can read it.' }),
    },
    errors: {
      types: [NotAuthorizedError, AttesterKeyError],
      ...resultOf('RevokeKey', 'The key is revoked.', 'keyId', 'Id of the key.'),
    },
    resolve: async (_root, { keyId, reason }, context) => {
      const { viewer, act } = await attestingAct(context)
      const user = viewer.rights.has('admin') ? null : viewer
      await revokeTrustedKey(context, act, keyId, { user, reason })
      return keyId
    },
  }),
}))
