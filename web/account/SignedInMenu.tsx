import { useMutation, useQuery } from '@apollo/client/react'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { Link, useLocation } from 'react-router'
import { graphql } from '../gql/index.ts'
import { adminPaths, paths } from '../paths.ts'
import { visibleName } from '../ui/visible-text.ts'
import { leaveTo } from './leave.ts'

const SignedInMenuQuery = graphql(`
  query SignedInMenu {
    viewer {
      name
      rights
    }
  }
`)

const SignOut = graphql(`
  mutation SignOut {
    signOut {
      ... on SignOutSuccess {
        wasSignedIn
      }
    }
  }
`)

const itemClass = 'block w-full px-3 py-1.5 text-left text-small text-text hover:bg-hover'

/** `nobody` is shown if the session has ended. */
export default function SignedInMenu({
  nobody,
  leave = leaveTo,
}: {
  nobody: ReactNode
  leave?: typeof leaveTo
}) {
  const { data } = useQuery(SignedInMenuQuery)
  const [signOut, { loading }] = useMutation(SignOut, { fetchPolicy: 'no-cache' })
  const [isOpen, setIsOpen] = useState(false)
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const { key } = useLocation()
  const [shownKey, setShownKey] = useState(key)
  if (key !== shownKey) {
    setShownKey(key)
    setIsOpen(false)
  }
  useEffect(() => {
    if (!isOpen) return
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !menu.current?.contains(target)) setIsOpen(false)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [isOpen])

  if (!data) return <span className="control invisible">Account</span>
  if (!data.viewer) return nobody
  const { name, rights } = data.viewer
  function closeOnEscape({ key }: KeyboardEvent) {
    if (key !== 'Escape') return
    setIsOpen(false)
    button.current?.focus()
  }
  return (
    <div ref={menu} className="relative" onKeyDown={closeOnEscape}>
      <button
        ref={button}
        type="button"
        className="control max-w-40 narrow:max-w-28"
        aria-expanded={isOpen}
        aria-controls="user-menu"
        onClick={() => setIsOpen(!isOpen)}
      >
        <span className="sr-only">Signed in as </span>
        <span className="truncate">{visibleName(name)}</span>
      </button>
      <div
        id="user-menu"
        hidden={!isOpen}
        className="absolute right-0 z-20 mt-1 min-w-44 rounded-md border border-line-strong bg-surface py-1"
      >
        <Link to={paths.account} className={itemClass}>
          Account
        </Link>
        {rights.includes('ADMIN_READ') && (
          <Link to={adminPaths.overview} className={itemClass}>
            Administration
          </Link>
        )}
        <button
          type="button"
          className={itemClass}
          disabled={loading}
          onClick={() => void signOut().then(() => leave(paths.home))}
        >
          Sign out
        </button>
      </div>
    </div>
  )
}
