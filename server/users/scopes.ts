import * as z from 'zod'
import { rights, type Right } from './rights.ts'

/**
 * A scope of a token: a right, or `upload:JOB` for one job. `upload:*` is the right `upload` with the jobs of the user. A `*` in a
 * job stands for any characters.
 */
export type Scope = Exclude<Right, 'upload'> | `upload:${string}`

const plain = rights.filter((right) => right !== 'upload')

/** Whether a text is a scope. Names of jobs have no control characters. */
export const isScope = (text: string): text is Scope =>
  (plain as readonly string[]).includes(text) || /^upload:[^\p{Cc}]{1,1000}$/u.test(text)

const Scopes = z.array(z.string().refine(isScope))

/** The scopes as a row of the table of tokens has them. */
export const readScopes = (json: string): readonly Scope[] => Scopes.parse(JSON.parse(json))

/** What a token with these scopes may do, if its user may. `jobs`: see `Credential`. */
export function grantedBy(scopes: readonly Scope[]): { rights: ReadonlySet<Right>; jobs: string[] | null } {
  const jobs = scopes.flatMap((scope) => (scope.startsWith('upload:') ? [scope.slice('upload:'.length)] : []))
  const granted = new Set<Right>(
    scopes.map((scope) => (scope.startsWith('upload:') ? 'upload' : (scope as Right))),
  )
  if (granted.has('admin')) for (const right of rights) granted.add(right)
  if (granted.has('admin:read')) granted.add('read')
  return { rights: granted, jobs: jobs.includes('*') || granted.has('admin') ? null : jobs }
}

/** Whether a pattern of a scope means this job. Only `*` has a meaning. */
export function isJobOf(pattern: string, job: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(job)
}
