import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import type { LoaderFunctionArgs } from 'react-router'
import { Link } from 'react-router'
import { preload } from '../apollo.ts'
import { CheckInBrowser } from '../check/CheckInBrowser.tsx'
import { graphql } from '../gql/index.ts'
import type { HashPageQuery as Data } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { useSiteAddress } from '../site-address.ts'
import { present } from '../present.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Name } from '../ui/Name.tsx'
import { Notice } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { UtcDay } from '../ui/UtcDay.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { NotFound } from '../shell/NotFound.tsx'
import { AttestationTable } from './AttestationTable.tsx'
import { gradeLooks } from './grade-looks.ts'
import { groupsOfHash } from './groups-of-hash.ts'
import { PolicyOutcome } from './PolicyOutcome.tsx'
import { SourceTable } from './SourceTable.tsx'

const HashPageQuery = graphql(`
  query HashPage($sha256: Sha256!) {
    content(sha256: $sha256) {
      sha256
      sizeBytes
      names
      isCut
      firstReceivedAt
      grade {
        kind
        words
        disputedBy
      }
      places {
        trust {
          outcome
        }
      }
      newer {
        job
        platform
        sha256
        startedAt
      }
      ...SourceTable
      ...PolicyOutcome
      ...AttestationTable
    }
  }
`)

type Content = NonNullable<Data['content']>

export async function loadHashPage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const sha256 = params['sha256']?.toLowerCase() ?? ''
  if (!/^[0-9a-f]{64}$/.test(sha256)) return null
  return { sha256, query: await preload(client, HashPageQuery, { sha256 }) }
}

/** What the site knows about a content: who made it, and how to check that. */
export function HashPage() {
  const loaded = useLoaded<typeof loadHashPage>()
  if (!loaded) return <NotFound what="A SHA-256 has 64 hexadecimal digits: 0 to 9 and a to f." />
  return <LoadedPage {...loaded} />
}

function LoadedPage({ sha256, query }: NonNullable<Awaited<ReturnType<typeof loadHashPage>>>) {
  const { content } = present(useReadQuery(query).data)
  if (!content)
    return (
      <>
        <PageTitle>Unknown file · Builder Hub</PageTitle>
        <Notice title="No build of this site has made this file">
          <WholeHash sha256={sha256} />
          <p>
            A file has this SHA-256 only if all its bytes are the same. So the file comes from elsewhere, or
            was changed, or its builds were removed: <a href={`/hash?sha256=${sha256}`}>look among those</a>.
          </p>
        </Notice>
      </>
    )
  return <Known content={content} />
}

function Known({ content }: { content: Content }) {
  const { origin } = useSiteAddress()
  const { sha256, names, sizeBytes, firstReceivedAt, grade, newer, places } = content
  const name = names[0]?.split('/').at(-1) ?? sha256
  const look = grade ? gradeLooks[grade.kind] : null
  // The line of the policy names them, if it counts their votes.
  const isToldByPolicy = places.some(({ trust }) => trust?.outcome === 'DISPUTED')
  return (
    <>
      <PageTitle>{`${name} · Builder Hub`}</PageTitle>
      <h1 className="break-all">
        <Name>{name}</Name>
      </h1>
      <div className="mt-3 rounded-md border border-line bg-raised p-4">
        {look && grade ? (
          <p className={`flex items-start gap-2.5 text-title font-semibold ${look.tone}`}>
            <Icon name={look.sign} className="mt-1 scale-125" />
            <span className="min-w-0 wrap-anywhere">{grade.words}</span>
          </p>
        ) : (
          <p className="text-title font-semibold">A file that belongs to builds</p>
        )}
        <p className="mt-1 max-w-[45rem]">
          {look?.text ?? 'Only main binaries are compared. This is another file that builds brought.'}
        </p>
        {grade && grade.disputedBy.length > 0 && !isToldByPolicy && (
          <p className="mt-1 wrap-anywhere">
            Who got another file: {grade.disputedBy.map((name) => visibleName(name)).join(', ')}.
          </p>
        )}
        <PolicyOutcome content={content} />
        <h2 className="mt-4 text-small font-normal text-quiet">SHA-256, the fingerprint of all its bytes</h2>
        <WholeHash sha256={sha256} />
        <p className="mt-2 text-quiet">
          <ByteSize bytes={sizeBytes} /> · first received here <UtcDay at={firstReceivedAt} />
        </p>
      </div>
      {newer.map((one) => (
        <p key={`${one.job} ${one.platform}`} className="mt-3 flex items-start gap-2">
          <Icon name="info" className="my-px shrink-0 text-warn" />
          <span className="min-w-0 wrap-anywhere">
            <Name>{one.job}</Name> on <Name>{one.platform}</Name> has a{' '}
            <Link to={paths.hash(one.sha256)}>newer output</Link>, built <UtcDay at={one.startedAt} />.
          </span>
        </p>
      ))}
      <SourceTable content={content} />
      <AttestationTable content={content} />
      <section aria-labelledby="check" className="mt-8">
        <h2 id="check">Check your copy</h2>
        <p className="mt-1 max-w-[45rem]">
          Compute the fingerprint of your file and compare it with the one above: equal fingerprints, equal
          files.
        </p>
        <CodeBlock text={linesToCheck(sha256, name, origin)} label="Commands" />
        <CheckInBrowser />
      </section>
      {names.length > 1 && <Names names={names} />}
    </>
  )
}

/** The digits in groups, so that eyes can compare them; copied without blanks. */
function WholeHash({ sha256 }: { sha256: string }) {
  return (
    <p className="mt-1 flex items-start gap-2">
      <code className="min-w-0">
        <span className="sr-only">{sha256}</span>
        <span aria-hidden="true" className="flex flex-wrap gap-x-2.5">
          {groupsOfHash(sha256).map((digits, n) => (
            <span key={n}>{digits}</span>
          ))}
        </span>
      </code>
      <CopyButton text={sha256} what="SHA-256" />
    </p>
  )
}

const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

function linesToCheck(sha256: string, name: string, origin: string): string {
  const file = word(name.startsWith('-') ? `./${name}` : name)
  return [
    `test "$(sha256sum < ${file})" = "${sha256}  -" && echo the same file`,
    `hub verify-file ${file} --url ${origin}`,
  ].join('\n')
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <section aria-labelledby="names" className="mt-8">
      <h2 id="names">Names of the file in builds</h2>
      <ul className="mt-1 list-disc pl-5">
        {names.map((path) => (
          <li key={path} className="break-all">
            <code>
              <Name>{path}</Name>
            </code>
          </li>
        ))}
      </ul>
    </section>
  )
}
