import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import type { KeysPageQuery as Loaded } from '../gql/graphql.ts'
import { TrustedKeys } from './TrustedKeys.tsx'
import { useLoaded } from '../loaded.ts'
import { present } from '../present.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'

const KeysPageQuery = graphql(`
  query KeysPage {
    keys {
      purpose
      algorithm
      keyId
      publicKey
      isCurrent
      activeFrom
      retiredAt
      revokedAt
      revokedSince
      revokedFor
      inTotoKeyId
      minisign
      ssh
      verifierKey
    }
    repositories {
      name
      fingerprints
    }
    ...TrustedKeys
  }
`)

export const loadKeysPage = async (client: ApolloClient) => ({
  query: await preload(client, KeysPageQuery, {}),
})

type Key = Loaded['keys'][number]
type Repository = Loaded['repositories'][number]

const uses: Record<Key['purpose'], { title: string; text: string }> = {
  ATTEST: {
    title: 'Statements and checksums',
    text: 'Signs what this site says about builds, and the lists of checksums. openssl, minisign, ssh-keygen and in-toto-verify read it.',
  },
  LOG: { title: 'Log', text: 'Signs the state of the public log (/log), and nothing else.' },
  WITNESS: { title: 'Witness', text: 'Signs what this site has seen of the logs of other sites.' },
  SIGSTORE: {
    title: 'Statements for cosign',
    text: 'Signs the same statements once more, because cosign cannot read the other key.',
  },
}

/** The keys of the site: what to compare, and what to pin. */
export function KeysPage() {
  const { query } = useLoaded<typeof loadKeysPage>()
  const { data } = useReadQuery(query)
  const { keys, repositories } = present(data)
  const earlier = keys.filter(({ isCurrent }) => !isCurrent)
  return (
    <>
      <PageTitle>Keys · Builder Hub</PageTitle>
      <h1 className="mb-3">Keys</h1>
      <p className="mb-2 max-w-[45rem]">
        This site signs what it says about builds. Whoever has the public key can check later that a statement
        is from this site, and that nobody has changed it. A signature does not say that a program is good: it
        says who claims what.
      </p>
      <p className="mb-6 max-w-[45rem]">
        Save the key id now, and compare it with what others have seen. Then a site that is exchanged one day
        cannot pass for this one.
      </p>
      {keys.length === 0 && <Empty>This site signs no statements.</Empty>}
      {keys
        .filter(({ isCurrent }) => isCurrent)
        .map((key) => (
          <CurrentKey key={key.keyId} signingKey={key} />
        ))}
      {earlier.length > 0 && <EarlierKeys keys={earlier} />}
      <TrustedKeys keys={data} />
      {repositories.length > 0 && <RepositoryKeys repositories={repositories} />}
      {keys.length > 0 && (
        <p className="mt-8 border-t border-line pt-3 text-small text-quiet">
          For programs: <a href="/keys.json">all keys as JSON</a>,{' '}
          <a href="/keys/rotations.jsonl">statements of keys about their successors</a>
        </p>
      )}
    </>
  )
}

function CurrentKey({ signingKey: key }: { signingKey: Key }) {
  const { title, text } = uses[key.purpose]
  const forms = [
    ['Key id', key.keyId, null],
    [
      'for openssl',
      key.publicKey.trim(),
      key.purpose === 'LOG' ? null : `/keys/${key.purpose.toLowerCase()}.pem`,
    ],
    ['for minisign', key.minisign, '/keys/minisign.pub'],
    ['for ssh-keygen', key.ssh, '/keys/allowed_signers'],
    ['Id for in-toto', key.inTotoKeyId, null],
    ['for monitors of the log', key.verifierKey, '/keys/log.vkey'],
  ] as const
  return (
    <section aria-label={title} className="mb-8">
      <h2 className="mb-1">{title}</h2>
      <p className="mb-2 max-w-[45rem]">
        {text} {key.algorithm === 'P256' ? 'ECDSA of the curve P-256' : 'Ed25519'}, in use since{' '}
        <ExactTime at={key.activeFrom} />.
      </p>
      <dl className="grid gap-x-6 gap-y-1 wide:grid-cols-[12rem_1fr]">
        {forms.map(([term, value, file]) =>
          value ? (
            <div key={term} className="contents">
              <dt className="text-quiet">{term}</dt>
              <dd className="flex items-start gap-2 narrow:mb-2">
                <code className="min-w-0 whitespace-pre-wrap wrap-anywhere">{value}</code>
                <CopyButton text={`${value}\n`} what={`${term}: ${title}`} />
                {file && (
                  <a href={file} className="whitespace-nowrap">
                    file
                  </a>
                )}
              </dd>
            </div>
          ) : null,
        )}
      </dl>
    </section>
  )
}

function EarlierKeys({ keys }: { keys: readonly Key[] }) {
  return (
    <section aria-labelledby="earlier" className="mb-8">
      <h2 id="earlier" className="mb-1">
        Earlier keys
      </h2>
      <p className="mb-2 max-w-[45rem]">
        What a replaced key has signed stays good. What a revoked key has signed proves nothing: others may
        have it.
      </p>
      <Table label="Earlier keys" columns={[{ name: 'Key id' }, { name: 'Signed' }, { name: 'State' }]}>
        {keys.map((key) => (
          <Row key={key.keyId}>
            <Cell>
              <code className="wrap-anywhere">{key.keyId}</code>
            </Cell>
            <Cell>{uses[key.purpose].title}</Cell>
            <Cell>
              <State signingKey={key} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

function State({ signingKey: key }: { signingKey: Key }) {
  if (key.revokedAt !== null)
    return (
      <span className="text-bad">
        Revoked since <ExactTime at={key.revokedSince ?? key.revokedAt} />: {key.revokedFor}
      </span>
    )
  return key.retiredAt === null ? null : (
    <>
      Replaced <ExactTime at={key.retiredAt} />
    </>
  )
}

function RepositoryKeys({ repositories }: { repositories: readonly Repository[] }) {
  return (
    <section aria-labelledby="repositories" className="mb-8">
      <h2 id="repositories" className="mb-1">
        Package repositories
      </h2>
      <p className="mb-2 max-w-[45rem]">
        Indexes for apt and pkg are signed with keys of their own. These are their fingerprints.
      </p>
      <dl className="grid gap-x-6 gap-y-1 wide:grid-cols-[12rem_1fr]">
        {repositories.map(({ name, fingerprints }) => (
          <div key={name} className="contents">
            <dt className="text-quiet">
              <code>{name}</code>
            </dt>
            <dd className="narrow:mb-1">
              {fingerprints.map((fingerprint) => (
                <code key={fingerprint} className="block wrap-anywhere">
                  {fingerprint}
                </code>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
