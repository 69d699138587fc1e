import { verdictOf } from '../builds/verdict.ts'
import { findContent } from '../contents/find-content.ts'
import { buildPath, hashPath } from '../paths.ts'
import { gradeOf } from '../policy/grade.ts'
import type { PageFinder } from './find-page.ts'
import { element, nameElement } from './html.ts'

/** What is known about a content. Null: it is no SHA-256. */
export const findHashPage: PageFinder = async ({ db }, { sha256: asked = '' }) => {
  const sha256 = asked.toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(sha256)) return null
  const content = await findContent(db, sha256)
  const output = content && (await db.output.findUnique({ where: { sha256 } }))
  const words = output ? gradeOf(verdictOf(output), output).words : null
  const name = content?.names[0] ?? 'Unknown file'
  const lines = (content?.sources ?? []).map(({ builder, job, newestBuild, platform }) =>
    element(
      'li',
      {},
      `${builder ?? 'not known'}: `,
      element('a', { href: buildPath(job, newestBuild) }, nameElement(job), ' on ', nameElement(platform)),
    ),
  )
  return {
    title: name,
    description: `${content ? (words ?? 'A file of builds') : 'No build of this site has made this file'}. SHA-256 ${sha256}.`,
    path: hashPath(sha256),
    isUnlisted: content === null,
    content: [
      element('p', {}, element('code', {}, sha256)),
      ...(words === null ? [] : [element('p', {}, words)]),
      ...(lines.length > 0 ? [element('p', {}, 'Who made it:'), element('ul', {}, ...lines)] : []),
    ],
  }
}
