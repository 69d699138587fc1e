import type { Element, RootContent } from 'hast'
import { failureSentence } from '../analyses/failure/failure-words.ts'
import { counted } from '../counted.ts'
import { element, nameElement, printHtml } from '../pages/html.ts'
import { buildPath, comparePath } from '../paths.ts'
import { visibleName, visibleText } from '../visible-text.ts'
import type { Explained } from './explained.ts'
import { toldTransitions, type ToldTransition } from './transition.ts'

/** A build in a mail. */
export type Told = {
  transition: ToldTransition
  job: string
  platform: string
  build: string
  explained: Explained
}

export type Written = { subject: string; text: string; html: string }

/** Where the recipient changes what comes, and ends it. */
export type Links = { siteUrl: string; unsubscribe: string; reason: string }

const maxNamed = 50
const maxIssues = 10
const maxExcerptLines = 20
const maxLineCharacters = 200
const maxSubjectCharacters = 180

/** One, or several with a number before it. */
const words: Record<ToldTransition, { one: string; several: string }> = {
  NEWLY_FAILING: { one: 'newly failing', several: 'newly failing' },
  STILL_FAILING: { one: 'still failing after a week', several: 'still failing after a week' },
  FIXED: { one: 'fixed', several: 'fixed' },
  OUTPUT_CHANGED: { one: 'output changed', several: 'with another output' },
  NOT_REPRODUCIBLE: { one: 'not reproducible', several: 'not reproducible' },
  REPRODUCED: { one: 'repeated', several: 'repeated' },
  SILENT: { one: 'no new build for some days', several: 'without a new build for some days' },
  KNOWN_ISSUE: { one: 'known issue in its packages', several: 'with known issues in their packages' },
}

/** A mail of builds with one transition. `cause`: what they have in common; null: nothing that is known. */
export function writeNotification(told: readonly Told[], cause: string | null, links: Links): Written {
  const [first] = told
  if (!first) throw new Error('a mail without a build')
  const subject = subjectOf(told, first, cause)
  const shown = told.find(({ explained }) => explained.excerpt !== null)
  return write(subject, [{ heading: null, told }], shown ?? null, links)
}

/** A digest of everything that has come together. */
export function writeDigest(told: readonly Told[], title: string, links: Links): Written {
  const parts = toldTransitions
    .map((transition) => ({ transition, told: told.filter((one) => one.transition === transition) }))
    .filter((part) => part.told.length > 0)
  const summary = parts.map((part) => `${part.told.length} ${words[part.transition].several}`).join(', ')
  const sections = parts.map((part) => ({ heading: sentence(words[part.transition].one), told: part.told }))
  return write(cut(`${title}: ${summary}`, maxSubjectCharacters), sections, null, links)
}

function subjectOf(told: readonly Told[], first: Told, cause: string | null): string {
  const since = sinceOf(cause)
  if (told.length === 1) {
    const platform = isOfPlatform(first) ? ` on ${cut(visibleName(first.platform), 40)}` : ''
    const name = `${cut(visibleName(first.job), 80)}${platform}`
    return cut(`${name}: ${words[first.transition].one}${since}`, maxSubjectCharacters)
  }
  const jobs = new Set(told.map(({ job }) => job)).size
  const places = jobs === told.length ? '' : ` (${counted(told.length, 'platform')})`
  return cut(
    `${counted(jobs, 'job')}${places} ${words[first.transition].several}${since}`,
    maxSubjectCharacters,
  )
}

function sinceOf(cause: string | null): string {
  if (cause === null) return ''
  const [kind, ...rest] = visibleName(cause).split(' ')
  const what = rest.join(' ')
  if (kind === 'package') return ` since ${what}`
  return kind === 'failure' ? `: ${rest.slice(1).join(' ')}` : ''
}

type Section = { heading: string | null; told: readonly Told[] }

function write(subject: string, sections: readonly Section[], shown: Told | null, links: Links): Written {
  return {
    subject,
    text: textOf(subject, sections, shown, links),
    html: htmlOf(subject, sections, shown, links),
  }
}

function textOf(
  subject: string,
  sections: readonly Section[],
  shown: Told | null,
  { siteUrl, unsubscribe, reason }: Links,
): string {
  const lines = [subject, '']
  for (const { heading, told } of sections) {
    if (heading !== null) lines.push(heading, '')
    for (const one of told.slice(0, maxNamed)) {
      lines.push(nameOf(one), ...factsOf(one).map((fact) => `  ${fact}`))
      lines.push(`  ${linkOf(one, siteUrl)}`)
      const compare = compareOf(one, siteUrl)
      if (compare !== null) lines.push(`  ${compare}`)
      lines.push('')
    }
    if (told.length > maxNamed) lines.push(`and ${told.length - maxNamed} more: ${siteUrl}/failed-builds`, '')
  }
  const excerpt = shown && excerptOf(shown)
  if (excerpt) lines.push(`${excerpt.title}:`, '', ...excerpt.lines.map((line) => `  ${line}`), '')
  lines.push('-- ', reason, `What you get: ${siteUrl}/account#notifications`, `Unsubscribe: ${unsubscribe}`)
  return `${lines.join('\n')}\n`
}

function htmlOf(
  subject: string,
  sections: readonly Section[],
  shown: Told | null,
  { siteUrl, unsubscribe, reason }: Links,
): string {
  const excerpt = shown && excerptOf(shown)
  const children: Element[] = [element('h1', { style: 'font-size:18px' }, subject)]
  for (const { heading, told } of sections) {
    if (heading !== null) children.push(element('h2', { style: 'font-size:16px' }, heading))
    children.push(element('ul', {}, ...told.slice(0, maxNamed).map((one) => itemOf(one, siteUrl))))
    if (told.length > maxNamed) children.push(element('p', {}, `and ${told.length - maxNamed} more`))
  }
  if (excerpt) {
    children.push(element('p', {}, `${excerpt.title}:`))
    const style = 'background:#f4f4f4;padding:8px;white-space:pre-wrap'
    children.push(element('pre', { style }, excerpt.lines.join('\n')))
  }
  children.push(
    element('hr', {}),
    element(
      'p',
      { style: 'color:#666;font-size:13px' },
      `${reason} `,
      element('a', { href: `${siteUrl}/account#notifications` }, 'What you get'),
      ' · ',
      element('a', { href: unsubscribe }, 'Unsubscribe'),
    ),
  )
  const page: RootContent[] = [
    { type: 'doctype' },
    element(
      'html',
      { lang: 'en' },
      element('head', {}, element('meta', { charSet: 'utf-8' }), element('title', {}, subject)),
      element('body', { style: 'font-family:sans-serif' }, ...children),
    ),
  ]
  return printHtml(page)
}

function itemOf(one: Told, siteUrl: string): Element {
  const compare = compareOf(one, siteUrl)
  return element(
    'li',
    { style: 'margin-bottom:6px' },
    element('a', { href: linkOf(one, siteUrl) }, ...nameElements(one)),
    ...factsOf(one).flatMap((fact) => [element('br', {}), fact]),
    ...(compare === null ? [] : [' (', element('a', { href: compare }, 'compare'), ')']),
  )
}

const isOfPlatform = ({ transition }: Told) => transition !== 'SILENT'

const nameOf = (told: Told) =>
  `${visibleName(told.job)}${isOfPlatform(told) ? ` on ${visibleName(told.platform)}` : ''}`

const nameElements = (told: Told) => [
  nameElement(told.job),
  ...(isOfPlatform(told) ? [' on ', nameElement(told.platform)] : []),
]

/** Why it failed, what changed, or which issues it has, in words. */
function factsOf({ transition, explained: { failure, change, issues } }: Told): string[] {
  if (transition === 'KNOWN_ISSUE')
    return issues.slice(0, maxIssues).map((issue) => cut(visibleName(issue), 400))
  const fails = transition === 'NEWLY_FAILING' || transition === 'STILL_FAILING'
  const since = transition === 'FIXED' || fails ? ' since the last success' : ''
  const why = failure && fails ? failureSentence(failure) : null
  return [
    ...(why === null ? [] : [why]),
    ...(change === null ? [] : [`changed${since}: ${change.headline}`]),
  ].map((fact) => cut(visibleName(fact), 400))
}

/** The page of the build, at the line that tells why it failed, or at the issues. */
function linkOf({ job, build, transition, explained: { excerpt } }: Told, siteUrl: string): string {
  if (transition === 'KNOWN_ISSUE') return `${siteUrl}${buildPath(job, build)}#issues`
  const line = transition === 'NEWLY_FAILING' ? excerpt?.matchedLine : null
  return `${siteUrl}${buildPath(job, build)}${line == null ? '' : `#L${line}`}`
}

const compareOf = ({ build, transition, explained: { change } }: Told, siteUrl: string): string | null =>
  change && transition !== 'KNOWN_ISSUE' ? `${siteUrl}${comparePath(change.since, build)}` : null

/** At most 20 lines, around the one that tells why. */
function excerptOf(told: Told): { title: string; lines: string[] } | null {
  const { excerpt } = told.explained
  if (!excerpt || told.transition !== 'NEWLY_FAILING') return null
  const matched =
    excerpt.matchedLine === null ? excerpt.lines.length - 1 : excerpt.matchedLine - excerpt.firstLine
  const from = Math.max(0, Math.min(matched - 5, excerpt.lines.length - maxExcerptLines))
  const lines = excerpt.lines.slice(from, from + maxExcerptLines)
  return {
    title: `Console of ${nameOf(told)}, from line ${excerpt.firstLine + from}`,
    lines: lines.map((line) => cut(visibleText(line), maxLineCharacters)),
  }
}

function cut(text: string, characters: number): string {
  const all = [...text]
  return all.length > characters ? `${all.slice(0, characters - 1).join('')}…` : text
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
