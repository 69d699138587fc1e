import type { AddressFilter } from './builds/address-filter.ts'

/**
 * URLs of pages and downloads, as paths without a host. They are builder-web's URLs, which clients and
 * bookmarks rely on. Names and paths may contain any character: each segment is encoded.
 */

/** The page of a job, by its name. */
export function jobPath(job: string): string {
  return `/job/${encodeURIComponent(job)}`
}

/** The page of a build. */
export function buildPath(job: string, uuid: string): string {
  return `${jobPath(job)}/build/${encodeURIComponent(uuid)}`
}

/** The download of an artifact; `path` is the artifact's, relative, with `/` between its segments. */
export function artifactPath(job: string, uuid: string, path: string): string {
  return `${buildPath(job, uuid)}/f/${path.split('/').map(encodeURIComponent).join('/')}`
}

/** The console as text, oldest line first. */
export function consolePath(job: string, uuid: string): string {
  return `${buildPath(job, uuid)}/console`
}

/** The script that the build ran. */
export function scriptPath(job: string, uuid: string): string {
  return `${buildPath(job, uuid)}/script`
}

/** The record of a build, as builder-server sends it. */
export function recordPath(job: string, uuid: string): string {
  return `${buildPath(job, uuid)}/exec`
}

/** The page of a platform. */
export function platformPath(platform: string): string {
  return `/platform/${encodeURIComponent(platform)}`
}

/** The page of a package: which jobs have it. */
export function packagePath(ecosystem: string, name: string): string {
  return `/package/${encodeURIComponent(ecosystem)}/${encodeURIComponent(name)}`
}

/** The page of the schedule of a job. */
export function schedulePath(job: string): string {
  return `/schedule/${encodeURIComponent(job)}`
}

/** The page of a run, by its UUID or that of a try. */
export function runPath(uuid: string): string {
  return `/runs/${encodeURIComponent(uuid)}`
}

/** The page of a content: what is known about it. */
export const hashPath = (sha256: string): string => `/sha256/${sha256}`

/** The comparison of two builds. */
export function comparePath(left: string, right: string): string {
  return `/compare/${encodeURIComponent(left)}/${encodeURIComponent(right)}`
}

/** Builds as they arrive, for readers of Atom feeds. */
export const feedPaths = {
  site: (filter?: AddressFilter) => `/feed.atom${queryOf(filter)}`,
  job: (job: string, filter?: AddressFilter) => `${jobPath(job)}/feed.atom${queryOf(filter)}`,
  platform: (platform: string, filter?: Omit<AddressFilter, 'platform'>) =>
    `${platformPath(platform)}/feed.atom${queryOf(filter)}`,
}

const filterNames = ['platform', 'status', 'verdict', 'since', 'until'] as const

function queryOf(filter: AddressFilter = {}): string {
  const given = filterNames.flatMap((name) => {
    const value = filter[name]
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  })
  return given.length === 0 ? '' : `?${given.join('&')}`
}
