import { newestHead } from '../transparency/log-head.ts'
import type { PageFinder } from './find-page.ts'
import { element } from './html.ts'

/** The log of what the site states. */
export const findLogPage: PageFinder = async ({ db }) => {
  const head = await newestHead(db)
  return {
    title: 'Log',
    description:
      'What this site has stated, in an order that nobody can change later without being found out.',
    path: '/log',
    content: [
      head?.note
        ? element(
            'p',
            {},
            `The log ${head.origin}: `,
            element('a', { href: '/log/checkpoint' }, 'checkpoint'),
          )
        : element('p', {}, 'The log has no entry yet.'),
    ],
  }
}
