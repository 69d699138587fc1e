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

/** Which lines of the console begin an entry: `readEntryBits`. */
export function consoleEntriesPath(job: string, uuid: string): string {
  return `${buildPath(job, uuid)}/console-entries`
}

/** The script that the build ran. */
export function scriptPath(job: string, uuid: string): string {
  return `${buildPath(job, uuid)}/script`
}

/** The page of a platform. */
export function platformPath(platform: string): string {
  return `/platform/${encodeURIComponent(platform)}`
}

/** The comparison of two builds. */
export function comparePath(left: string, right: string): string {
  return `/compare/${encodeURIComponent(left)}/${encodeURIComponent(right)}`
}

/** Atom feeds of the newest builds. */
export const feedPaths = {
  site: () => '/feed.atom',
  job: (job: string) => `${jobPath(job)}/feed.atom`,
  platform: (platform: string) => `${platformPath(platform)}/feed.atom`,
}
