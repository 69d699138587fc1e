import { useApolloClient } from '@apollo/client/react'
import { useEffect, useId, useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { graphql } from '../gql/index.ts'
import { EntryFacts } from './EntryRow.tsx'
import { type EntryGroup, groupFound } from './search-entries.ts'

const SuggestionsQuery = graphql(`
  query Suggestions($text: String!) {
    search(text: $text, limit: 4) {
      ...SearchFound
    }
  }
`)

/** What is typed within so many milliseconds is asked for at once. */
const pauseMs = 80
const maxLetters = 200

/**
 * What is found while somebody types into `input`, in a list below it, as the pattern of the combobox has it: the arrows go
 * through the list, Enter opens the marked entry, or else the page of results, and Escape closes the list.
 */
export default function Suggestions({ input }: { input: HTMLInputElement }) {
  const [text, setText] = useState(input.value.trim())
  // The page of results has a field of its own, which nobody types into yet.
  const [isOpen, setIsOpen] = useState(input.value !== '' && document.activeElement === input)
  const [marked, setMarked] = useState(-1)
  const groups = useFound(text)
  const entries = useMemo(() => groups.flatMap((group) => group.entries), [groups])
  const navigate = useNavigate()
  const id = useId()
  const shows = isOpen && text !== '' && entries.length > 0
  const at = Math.min(marked, entries.length - 1)

  const open = (to: string) => {
    setIsOpen(false)
    input.blur()
    void navigate(to)
  }

  useEffect(() => {
    input.setAttribute('aria-expanded', String(shows))
    input.setAttribute('aria-controls', id)
    if (shows && at >= 0) input.setAttribute('aria-activedescendant', `${id}-${at}`)
    else input.removeAttribute('aria-activedescendant')
  }, [input, id, shows, at])

  useEffect(() => {
    const onInput = () => {
      setText(input.value.trim().slice(0, maxLetters))
      setMarked(-1)
      setIsOpen(true)
    }
    const onKeyDown = (event: KeyboardEvent) => {
      if (!shows) return
      const entry = entries[at]
      if (event.key === 'ArrowDown') setMarked(at + 1 < entries.length ? at + 1 : -1)
      else if (event.key === 'ArrowUp') setMarked(at >= 0 ? at - 1 : entries.length - 1)
      else if (event.key === 'Escape') setIsOpen(false)
      else if (event.key === 'Enter' && entry) open(entry.to)
      else return
      event.preventDefault()
    }
    const close = () => setIsOpen(false)
    const listeners = { input: onInput, keydown: onKeyDown, blur: close }
    for (const [name, listen] of Object.entries(listeners))
      input.addEventListener(name, listen as EventListener)
    input.form?.addEventListener('submit', close)
    return () => {
      for (const [name, listen] of Object.entries(listeners))
        input.removeEventListener(name, listen as EventListener)
      input.form?.removeEventListener('submit', close)
    }
  })

  useEffect(() => {
    // What was typed after this part was drawn, and before it listened.
    if (input.value !== '' && document.activeElement === input) input.dispatchEvent(new Event('input'))
  }, [input])

  useEffect(() => {
    if (shows && at >= 0) document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [id, shows, at])

  return (
    <>
      <p role="status" className="sr-only">
        {isOpen && text !== '' ? `${entries.length || 'Nothing'} found` : ''}
      </p>
      <div
        id={id}
        role="listbox"
        aria-label="Found"
        hidden={!shows}
        className="absolute inset-x-0 top-9 z-20 max-h-[70vh] min-w-72 overflow-y-auto narrow:fixed narrow:inset-x-4 narrow:top-12 rounded-md border border-line-strong bg-surface py-1"
      >
        {groups.map((group) => (
          <Group
            key={group.title}
            group={group}
            id={id}
            first={entries.indexOf(group.entries[0] ?? entries[0]!)}
            marked={at}
            open={open}
          />
        ))}
      </div>
    </>
  )
}

function Group(props: {
  group: EntryGroup
  id: string
  /** Place of its first entry among all. */
  first: number
  marked: number
  open: (to: string) => void
}) {
  const { group, id, first, marked, open } = props
  return (
    <div role="group" aria-label={group.title}>
      <p aria-hidden="true" className="px-3 pt-2 text-small text-quiet">
        {group.title}
      </p>
      {group.entries.map((entry, index) => (
        <div
          key={`${entry.to} ${entry.name} ${index}`}
          id={`${id}-${first + index}`}
          role="option"
          aria-selected={first + index === marked}
          className="flex cursor-pointer flex-wrap items-baseline gap-x-3 px-3 py-1 hover:bg-hover aria-selected:bg-hover aria-selected:outline-2 aria-selected:-outline-offset-2 aria-selected:outline-accent"
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => open(entry.to)}
        >
          <bdi className="min-w-0 font-semibold wrap-anywhere">{entry.name}</bdi>
          <EntryFacts entry={entry} />
        </div>
      ))}
    </div>
  )
}

/** What is found for a text. While an answer is under way, what was found before stays. */
function useFound(text: string): EntryGroup[] {
  const client = useApolloClient()
  const [groups, setGroups] = useState<EntryGroup[]>([])
  useEffect(() => {
    let isWanted = true
    const ask = async () => {
      const answer = await client
        .query({ query: SuggestionsQuery, variables: { text }, fetchPolicy: 'no-cache' })
        .catch(() => null)
      // Without an answer there is nothing to suggest: Enter asks again, and says what is wrong.
      if (isWanted) setGroups(answer?.data ? groupFound(answer.data.search) : [])
    }
    const timer = setTimeout(() => void (text === '' ? null : ask()), pauseMs)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [client, text])
  return groups
}
