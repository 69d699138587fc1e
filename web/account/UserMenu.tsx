import { lazy, Suspense } from 'react'
import { Link, useLocation } from 'react-router'
import { paths } from '../paths.ts'
import { maybeSignedIn } from './signed-in.ts'

const SignedInMenu = lazy(() => import('./SignedInMenu.tsx'))

/** In the header: the way to sign in, or what the user who has signed in can go to. */
export function UserMenu() {
  if (!maybeSignedIn()) return <SignInLink />
  return (
    <Suspense fallback={<span className="control invisible">Account</span>}>
      <SignedInMenu nobody={<SignInLink />} />
    </Suspense>
  )
}

function SignInLink() {
  const { pathname, search } = useLocation()
  // The way to the page for signing in, from that page, would lead in circles.
  if (pathname === paths.login()) return null
  return (
    <Link to={paths.login(pathname + search)} className="control">
      Sign in
    </Link>
  )
}
