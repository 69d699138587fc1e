import DataLoader from 'dataloader'
import { Artifact } from '../artifacts/artifact.graphql.ts'
import { Build } from '../builds/build.graphql.ts'
import type { TrustedKey } from '../generated/prisma/client.ts'
import { builder, type Context } from '../graphql/builder.ts'
import type { TrustedKeyId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'
import { batchPrice } from '../graphql/connection.ts'
import { predicateTypes } from '../formats/signing/statement.ts'
import { attestationPath } from './stated-urls.ts'

const kinds: Record<string, 'PROVENANCE' | 'DIFFERENT' | 'CONFIRMED'> = {
  [predicateTypes.provenance]: 'PROVENANCE',
  [predicateTypes.testResult]: 'DIFFERENT',
  [predicateTypes.verificationSummary]: 'CONFIRMED',
}

/** Of third parties. */
const kindsOfClaims: Record<string, 'PROVENANCE' | 'DIFFERENT'> = {
  MADE: 'PROVENANCE',
  DIFFERS: 'DIFFERENT',
}

const Kind = builder.enumType('AttestationKind', {
  description: 'What a statement claims.',
  values: {
    PROVENANCE: { description: 'What a build was made from, by whom, when, and what came out.' },
    CONFIRMED: { description: 'Builders who are independent of each other have the same output.' },
    DIFFERENT: { description: 'A rebuild of the same inputs has another output than before.' },
    OTHER: { description: 'Something else: see `predicateType`.' },
  },
})

/** Keys of third parties: what the site has signed itself needs none of them. */
const trustedKeysOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<TrustedKeyId, TrustedKey>(async (ids) => {
      const rows = await db.trustedKey.findMany({ where: { id: { in: [...ids] } } })
      return ids.map((id) => rows.find((row) => row.id === id) ?? new Error(`key ${id} is missing`))
    }),
)

type Signed = { key: { sha256: string; revokedAt: Date | null } | null; trustedKeyId: TrustedKeyId | null }

/** A statement has a key of the site, or one of a third party. */
async function signerOf({ key, trustedKeyId }: Signed, context: Context) {
  if (key) return key
  if (trustedKeyId === null) throw new Error('a statement has no key')
  return trustedKeysOf(context).load(trustedKeyId)
}

const signer = { key: { select: { sha256: true, revokedAt: true } }, trustedKeyId: true } as const

export const Attestation = builder.prismaObject('Attestation', {
  description:
    'A statement about files of builds that the site, or a third party, has signed: an in-toto statement in a DSSE envelope, or a link.',
  fields: (t) => ({
    uuid: t.field({
      type: 'UUID',
      description: 'Its name.',
      select: { uuid: true },
      resolve: ({ uuid }) => uuid,
    }),
    kind: t.field({
      type: Kind,
      description: 'What it claims.',
      select: { predicateType: true, claim: true },
      resolve: ({ claim, predicateType }) =>
        claim === null ? (kinds[predicateType] ?? 'OTHER') : (kindsOfClaims[claim] ?? 'OTHER'),
    }),
    attester: t.string({
      nullable: true,
      description: 'Name of the key of a third party that has signed it. Null: this site has.',
      select: { trustedKeyId: true },
      resolve: async ({ trustedKeyId }, _args, context) =>
        trustedKeyId === null ? null : (await trustedKeysOf(context).load(trustedKeyId)).name,
    }),
    predicateType: t.exposeString('predicateType', { description: 'What it claims, as in-toto names it.' }),
    statedAt: t.expose('statedAt', {
      type: 'DateTime',
      description: 'When the site signed it, or received it.',
    }),
    keyId: t.field({
      type: 'Sha256',
      description: 'The id of the key that signed it, as in `keys`.',
      select: signer,
      resolve: async (row, _args, context) => (await signerOf(row, context)).sha256,
    }),
    isKeyRevoked: t.boolean({
      description: 'Whether the key was revoked: then the statement proves nothing.',
      select: signer,
      resolve: async (row, _args, context) => (await signerOf(row, context)).revokedAt !== null,
    }),
    sha256: t.field({
      type: 'Sha256',
      description: 'Hash of the envelope.',
      select: { envelopeSha256: true },
      resolve: ({ envelopeSha256 }) => envelopeSha256,
    }),
    url: t.field({
      type: 'URL',
      description: 'Where to download the envelope.',
      select: { uuid: true },
      resolve: ({ uuid }, _args, { siteUrl }) => siteUrl + attestationPath(uuid),
    }),
    bundleUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'Where to download the same statement as a Sigstore bundle. Null: there is none.',
      select: { uuid: true, bundleSignature: true },
      resolve: ({ uuid, bundleSignature }, _args, { siteUrl }) =>
        bundleSignature === null ? null : `${siteUrl}${attestationPath(uuid)}/bundle`,
    }),
  }),
})

/** A build has one statement of each kind from each key. */
const some = { orderBy: { id: 'asc' as const }, take: 20 }

builder.prismaObjectField(Build, 'attestations', (t) =>
  t.relation('attestations', {
    description: 'What the site states about the build, oldest first; at most 20. Empty until it is signed.',
    complexity: { field: batchPrice, multiplier: 4 },
    query: some,
  }),
)

builder.prismaObjectField(Artifact, 'attestations', (t) =>
  t.field({
    type: [Attestation],
    description: 'Those statements about its build that name it, oldest first; at most 20.',
    complexity: { field: batchPrice, multiplier: 4 },
    select: (_args, _context, nestedSelection) => ({
      path: true,
      build: {
        select: {
          attestations: nestedSelection({ ...some, include: { subjects: { select: { name: true } } } }),
        },
      },
    }),
    resolve: ({ path, build }) =>
      build.attestations.filter((one) => 'subjects' in one && namesSubject(one.subjects, path)),
  }),
)

const namesSubject = (subjects: unknown, path: string): boolean =>
  Array.isArray(subjects) && subjects.some((subject: { name?: unknown }) => subject.name === path)
