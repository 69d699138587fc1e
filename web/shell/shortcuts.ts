import { useEffect } from 'react'

/** Marks the link that opens a row; `j` and `k` go from one to the next. */
export const rowLink = { 'data-row-link': '' }

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  )
}

function moveRow(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')].filter((link) =>
    link.checkVisibility(),
  )
  const row = document.activeElement?.closest('tr, li')
  const at = links.findIndex((link) => link === document.activeElement || row?.contains(link))
  const next = at === -1 ? (by === 1 ? 0 : links.length - 1) : at + by
  links[next]?.focus()
  links[next]?.scrollIntoView({ block: 'nearest' })
}

/** Whether a key is meant for the page: nobody types, no dialog is open, nothing else took it. */
export function isPlainKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false
  return !isTyping(event.target) && !document.querySelector('dialog[open]')
}

/** The keys that work on every page. `help` shows the list of them. */
export function useShortcuts(help: () => void): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const isSearch = event.key === 'k' && (event.metaKey || event.ctrlKey)
      if (!isSearch && !isPlainKey(event)) return
      if (isSearch || event.key === '/') document.querySelector<HTMLInputElement>('#site-search')?.select()
      else if (event.key === 'j') moveRow(1)
      else if (event.key === 'k') moveRow(-1)
      else if (event.key === '?') help()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [help])
}
