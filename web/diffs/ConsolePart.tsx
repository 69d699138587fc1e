import { useQuery } from '@apollo/client/react'
import { graphql } from '../gql/index.ts'
import type { ConsoleChangesQuery as Data } from '../gql/graphql.ts'
import { paths } from '../paths.ts'
import { ChangeList } from './ChangeList.tsx'

const ConsoleChangesQuery = graphql(`
  query ConsoleChanges($left: UUID!, $right: UUID!) {
    consoleChanges(left: $left, right: $right) {
      packages {
        name
        left
        right
      }
      repositories {
        name
        left
        right
      }
    }
  }
`)

/** What opam chose, as the consoles tell: in the place of switches, which failed builds seldom leave. */
export default function ConsolePart(props: { left: string; right: string }) {
  const { data, loading, error } = useQuery(ConsoleChangesQuery, { variables: props })
  return (
    <section aria-labelledby="consoles-title" className="border-t border-line py-2 pl-6 narrow:pl-0">
      <h2 id="consoles-title">As the consoles tell</h2>
      {loading ? (
        <p role="status" className="text-quiet" data-state="loading">
          The consoles are being read.
        </p>
      ) : error ? (
        <p className="text-quiet">The consoles could not be read: reload the page to try again.</p>
      ) : (
        <Told changes={data?.consoleChanges ?? null} />
      )}
    </section>
  )
}

function Told({ changes }: { changes: Data['consoleChanges'] }) {
  const { packages = null, repositories = null } = changes ?? {}
  if (packages === null && repositories === null)
    return <p className="text-quiet">They do not name what opam chose.</p>
  return (
    <>
      {packages === null ? (
        <p className="text-quiet">
          One of them names no packages: no solution was found, or none was asked for.
        </p>
      ) : packages.length === 0 ? (
        <p>opam chose the same packages in the same versions.</p>
      ) : (
        <ChangeList
          label="Packages in the consoles"
          changes={packages.map((change) => ({ ...change, href: paths.package('opam', change.name) }))}
        />
      )}
      {repositories !== null &&
        (repositories.length === 0 ? (
          <p className="mt-1 text-quiet">The opam repositories were at the same commits.</p>
        ) : (
          <>
            <h3 className="mt-2 text-small font-normal text-quiet">Opam repositories at other commits</h3>
            <ChangeList label="Opam repositories in the consoles" changes={repositories} />
          </>
        ))}
    </>
  )
}
