import type { PageFinder } from './find-page.ts'
import { element } from './html.ts'

/** Signing in, and the own account: the pages are the application's alone. */
export const findLoginPage: PageFinder = async () => ({
  title: 'Sign in',
  description: 'Sign in to this site.',
  path: '/login',
  isUnlisted: true,
  content: [
    element('p', {}, 'Signing in here needs JavaScript. Programs send Basic credentials or a token.'),
  ],
})

export const findAccountPage: PageFinder = async () => ({
  title: 'Account',
  description: 'Sessions, password, second factor.',
  path: '/account',
  isUnlisted: true,
  content: [element('p', {}, 'The account needs JavaScript.')],
})

/** Its facts are for administrators alone: the web application asks for them. `title`: of the page. */
export function findAdminPage(title: string): PageFinder {
  return () =>
    Promise.resolve({
      title,
      description: 'Administration of this site.',
      path: '/admin',
      isUnlisted: true,
      content: [
        element(
          'p',
          {},
          'Administration needs JavaScript. On the machine of the server there is the command hub.',
        ),
      ],
    })
}
