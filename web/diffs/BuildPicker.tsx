import { useQuery } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { graphql } from '../gql/index.ts'
import { Icon } from '../ui/Icon.tsx'
import { PickerChoices } from './PickerChoices.tsx'
import { PickerFilters } from './PickerFilters.tsx'
import { noPickerFilter } from './picker-filter.ts'
import { PickerList } from './PickerList.tsx'
import { PickerUuid } from './PickerUuid.tsx'
import { Name } from '../ui/Name.tsx'
import './picker.css'

const BuildPickerQuery = graphql(`
  query BuildPicker($job: String!, $keeps: UUID!) {
    job(name: $job) {
      id
      platforms {
        id
        name
      }
    }
    build(uuid: $keeps) {
      id
      ...PickerChoices
    }
  }
`)

/** A build as the picker gives it out. */
export type PickedBuild = { uuid: string; startedAt: string }

/**
 * A dialog that finds one build among thousands. `listOf`: the build whose job is searched;
 * `keeps`: the one that stays, which the quick choices are relative to.
 */
export function BuildPicker(props: {
  title: string
  listOf: { uuid: string; job: { name: string } }
  keeps: { uuid: string; job: { name: string } }
  addressOf: (build: PickedBuild) => string
  onClose: () => void
}) {
  const { title, listOf, keeps, addressOf, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const [filter, setFilter] = useState(noPickerFilter)
  const navigate = useNavigate()
  const { data } = useQuery(BuildPickerQuery, { variables: { job: listOf.job.name, keeps: keeps.uuid } })

  useEffect(() => {
    const element = dialog.current
    if (!element?.isConnected || element.open) return
    element.showModal()
    heading.current?.focus()
  }, [])

  return (
    <dialog
      ref={dialog}
      aria-labelledby="picker-title"
      onClose={onClose}
      onKeyDown={moveAlongRows}
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
      className="picker m-auto h-[calc(100dvh-2rem)] max-h-[52rem] w-[60rem] max-w-[calc(100vw-1rem)] flex-col overflow-hidden rounded-md border border-line-strong bg-surface text-text backdrop:bg-black/40 open:flex"
    >
      <div className="border-b border-line px-4 pt-3 pb-3">
        <div className="flex items-start justify-between gap-3">
          <div className="min-w-0">
            <h2 id="picker-title" ref={heading} tabIndex={-1} className="outline-none">
              {title}
            </h2>
            <p className="text-small wrap-anywhere text-quiet">
              of <Name>{listOf.job.name}</Name>
            </p>
          </div>
          <form method="dialog">
            <button className="icon-button" aria-label="Close">
              <Icon name="cross" />
            </button>
          </form>
        </div>
        {data?.build && <PickerChoices build={data.build} keeps={keeps} addressOf={addressOf} />}
        <PickerFilters
          filter={filter}
          platforms={data?.job?.platforms.map(({ name }) => name) ?? []}
          onChange={setFilter}
        />
      </div>
      <PickerList
        // Another filter is another list, from its top.
        key={JSON.stringify(filter)}
        job={listOf.job.name}
        filter={filter}
        shown={listOf.uuid}
        kept={keeps.uuid}
        addressOf={addressOf}
        onShowAll={() => setFilter(noPickerFilter)}
      />
      <PickerUuid onPick={(build) => void navigate(addressOf(build))} />
    </dialog>
  )
}

/** The arrow keys, and `j` and `k`, go from row to row. */
function moveAlongRows(event: React.KeyboardEvent<HTMLDialogElement>) {
  const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key]
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target instanceof Element && event.target.closest('input, select')) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-picker-row]')]
  const at = rows.findIndex((row) => row === document.activeElement)
  rows[at === -1 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus()
  event.preventDefault()
}
