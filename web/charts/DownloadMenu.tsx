import { useEffect, useId, useRef, useState } from 'react'
import { Icon } from '../ui/Icon.tsx'

export type Download = { label: string; hint: string; save: () => Promise<void> }

type Props = { what: 'picture' | 'table'; of: string; downloads: readonly Download[] }

/**
 * A button that opens a list of files in which `what` can be saved. Escape closes the list and focuses the button;
 * leaving the list closes it, too.
 */
export function DownloadMenu({ what, of, downloads }: Props) {
  const id = useId()
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setIsOpen] = useState(false)
  const [message, setMessage] = useState('')

  useEffect(() => {
    if (!isOpen) return
    const onPointerDown = (event: PointerEvent) => {
      if (!(event.target instanceof Node && root.current?.contains(event.target))) setIsOpen(false)
    }
    document.addEventListener('pointerdown', onPointerDown)
    return () => document.removeEventListener('pointerdown', onPointerDown)
  }, [isOpen])

  async function save({ label, save }: Download) {
    setIsOpen(false)
    button.current?.focus()
    try {
      await save()
      setMessage(`Saved as ${label}.`)
    } catch (error) {
      setMessage(`Could not be saved as ${label}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  return (
    <div
      ref={root}
      className="relative"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return
        event.stopPropagation()
        setIsOpen(false)
        button.current?.focus()
      }}
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) setIsOpen(false)
      }}
    >
      <button
        ref={button}
        type="button"
        className="control"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={`Save ${what}: ${of}`}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name="download" /> Save {what} <Icon name="down" className="size-3.5" />
      </button>
      <ul
        id={id}
        hidden={!isOpen}
        className="absolute top-full right-0 z-20 mt-1 min-w-56 rounded-md border border-line-strong bg-surface py-1"
      >
        {downloads.map((download) => (
          <li key={download.label}>
            <button
              type="button"
              className="flex w-full items-baseline gap-3 px-3 py-1.5 text-left text-small hover:bg-hover"
              onClick={() => void save(download)}
            >
              <span className="w-10 shrink-0 font-semibold">{download.label}</span>
              <span className="text-quiet">{download.hint}</span>
            </button>
          </li>
        ))}
      </ul>
      <span role="status" className="sr-only">
        {message}
      </span>
    </div>
  )
}
