import { isCurrent, listKeys } from '../signing/list-keys.ts'
import type { PageFinder } from './find-page.ts'
import { element } from './html.ts'

/** The keys of the site. */
export const findKeysPage: PageFinder = async ({ db }) => {
  const keys = (await listKeys(db)).filter(isCurrent)
  const lines = keys.map(({ keyId, purpose }) =>
    element('li', {}, `${purpose.toLowerCase()}: `, element('code', {}, keyId)),
  )
  return {
    title: 'Keys',
    description: 'The public keys that this site signs statements about builds with.',
    path: '/keys',
    content: [
      lines.length > 0 ? element('ul', {}, ...lines) : element('p', {}, 'This site signs no statements.'),
    ],
  }
}
