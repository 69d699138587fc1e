import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs, redirect } from 'react-router'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { hasFreshAnswers } from '../ui/first-page.ts'
import { Empty, Notice } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { EntryFacts } from './EntryRow.tsx'
import { type EntryGroup, groupFound, placeOf } from './search-entries.ts'

/** The most characters that the API takes. */
const maxLetters = 200
/** Of each kind, as the query says. */
const mostEntries = 20

const SearchPageQuery = graphql(`
  query SearchPage($text: String!) {
    search(text: $text, limit: 20) {
      ...SearchFound
    }
  }
`)

/** A SHA-256, the UUID of a build that is known, and the first digits of one file lead straight to their page. */
export async function loadSearchPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const text = (new URL(request.url).searchParams.get('q') ?? '').trim().slice(0, maxLetters)
  if (text === '') return { text, groups: [] }
  const { data } = await client.query({
    query: SearchPageQuery,
    variables: { text },
    // Not what an earlier search has found, but what came with the page is new.
    fetchPolicy: hasFreshAnswers() ? 'cache-first' : 'network-only',
  })
  const place = data && placeOf(data.search)
  if (place) return redirect(place)
  return { text, groups: data ? groupFound(data.search) : [] }
}

export function SearchPage() {
  const { text, groups } = useLoaded<typeof loadSearchPage>()
  return (
    <>
      <PageTitle>Search · Builder Hub</PageTitle>
      {text === '' ? (
        <Help />
      ) : (
        <>
          <h1 className="wrap-anywhere">
            Found for “<bdi>{text}</bdi>”
          </h1>
          {groups.map((group) => (
            <Group key={group.title} group={group} />
          ))}
          {groups.length === 0 && (
            <Empty>
              Nothing has all of these words. <Link to={paths.allBuilds}>Show all jobs</Link>
            </Empty>
          )}
        </>
      )}
    </>
  )
}

function Group({ group: { title, entries } }: { group: EntryGroup }) {
  return (
    <section aria-label={title} className="mt-5">
      <h2>
        {title}{' '}
        {entries.length >= mostEntries && (
          <span className="font-normal text-quiet">the first {entries.length}</span>
        )}
      </h2>
      <ul className="mt-1">
        {entries.map((entry, index) => (
          <li
            key={`${entry.to} ${entry.name} ${index}`}
            className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-t border-line py-2 focus-within:bg-hover hover:bg-hover"
          >
            <Link to={entry.to} className="min-w-0 font-semibold wrap-anywhere" {...rowLink}>
              <bdi>{entry.name}</bdi>
            </Link>
            <EntryFacts entry={entry} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Help() {
  return (
    <Notice title="Search">
      <p>Type some of these into the search box above:</p>
      <ul className="list-disc space-y-1 pl-5">
        <li>
          words, or their beginnings, of jobs, packages, files and platforms, or of what a build failed with,
        </li>
        <li>
          a day or a month such as <code>2026-11-23</code> or <code>2026-11</code>, alone or with words of a
          job or platform: the builds of that time,
        </li>
        <li>
          the SHA-256 of a file, or its first 6 digits or more, or a line of <code>sha256sum</code>: who made
          it,
        </li>
        <li>the UUID of a build, or its beginning.</li>
      </ul>
    </Notice>
  )
}
