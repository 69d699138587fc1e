import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { bytesOf } from '../app.ts'
import type { ExecRecord } from '../../server/formats/exec-record-encoder.ts'

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The data of an operation; the caller knows its type. Throws if the response has errors. */
export async function askGraphQL<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as { data: Data; errors?: { message: string }[] }
  if (answer.errors) throw new Error(answer.errors.map(({ message }) => message).join('; '))
  return answer.data
}

type BuildsPage = {
  builds: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: { uuid: string }[] }
}

/** The UUIDs of all builds that are visible, in the order of the list. */
export async function visibleBuilds(url: string): Promise<string[]> {
  const uuids: string[] = []
  let after: string | null = null
  for (;;) {
    const { builds }: BuildsPage = await askGraphQL<BuildsPage>(
      url,
      `query ($after: String) { builds(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { uuid } } }`,
      { after },
    )
    uuids.push(...builds.nodes.map(({ uuid }) => uuid))
    if (!builds.pageInfo.hasNextPage) return uuids
    after = builds.pageInfo.endCursor
  }
}

/** A build as the API and the downloads have it; contents as hashes of the bytes that were downloaded. */
export type Seen = {
  job: string
  platform: string
  status: string
  startedAt: string
  mainBinary: string | null
  console: { lines: number; sha256: string }
  script: string
  /** By path, in the order of paths. */
  artifacts: { path: string; sizeBytes: number; sha256: string; downloaded: string }[]
}

type BuildAnswer = {
  job: { name: string }
  platform: { name: string }
  status: string
  startedAt: string
  mainBinary: { path: string } | null
  console: { totalCount: number }
  consoleResourcePath: string
  scriptResourcePath: string
  artifacts: {
    totalCount: number
    nodes: { path: string; sizeBytes: number; sha256: string; resourcePath: string }[]
  }
}

/** Read a build through the API and download all that it has; null when it is not visible. */
export async function readBuild(url: string, uuid: string): Promise<Seen | null> {
  const { build } = await askGraphQL<{ build: BuildAnswer | null }>(
    url,
    `query ($uuid: UUID!) { build(uuid: $uuid) {
      job { name } platform { name } status startedAt mainBinary { path }
      console { totalCount } consoleResourcePath scriptResourcePath
      artifacts(first: 100) { totalCount nodes { path sizeBytes sha256 resourcePath } } } }`,
    { uuid },
  )
  if (!build) return null
  expect(build.artifacts.nodes).toHaveLength(build.artifacts.totalCount)
  const downloaded = async (path: string) => {
    const response = await fetch(new URL(path, url))
    expect(response.status, path).toBe(200)
    return sha256(new Uint8Array(await response.arrayBuffer()))
  }
  const artifacts = await Promise.all(
    build.artifacts.nodes.map(async ({ path, sizeBytes, sha256, resourcePath: at }) => ({
      path,
      sizeBytes,
      sha256,
      downloaded: await downloaded(at),
    })),
  )
  return {
    job: build.job.name,
    platform: build.platform.name,
    status: build.status,
    startedAt: build.startedAt,
    mainBinary: build.mainBinary?.path ?? null,
    console: { lines: build.console.totalCount, sha256: await downloaded(build.consoleResourcePath) },
    script: await downloaded(build.scriptResourcePath),
    artifacts: artifacts.toSorted(byPath),
  }
}

/** How a record has to be seen when it is stored whole. Its console lines hold no line breaks. */
export async function expectedOf(record: ExecRecord): Promise<Seen> {
  const consoleText = Buffer.concat(
    record.console.flatMap(({ deltaNs, text }) => [
      Buffer.from(`${(Number(deltaNs) / 1e9).toFixed(3)}s:`),
      text,
      Buffer.from('\n'),
    ]),
  )
  const kept = record.artifacts.filter(({ path }) => !/(^|\/)README\.md$|\.build-hashes$/.test(path))
  const artifacts = await Promise.all(
    kept.map(async ({ path, sizeBytes, data }) => {
      const hash = sha256(await bytesOf(data()))
      return { path, sizeBytes, sha256: hash, downloaded: hash }
    }),
  )
  const binaries = kept.filter(({ path }) => path.startsWith('bin/'))
  const { result } = record
  return {
    job: record.job,
    platform: record.platform,
    status: result.kind === 'exited' && result.code === 0n ? 'SUCCEEDED' : 'FAILED',
    startedAt: record.startedAt.toISOString(),
    mainBinary: binaries.length === 1 ? (binaries[0]?.path ?? null) : null,
    console: { lines: record.console.length, sha256: sha256(consoleText) },
    script: sha256(record.script),
    artifacts: artifacts.toSorted(byPath),
  }
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : 1
}

/** Fails unless the build is visible and every byte of it is as the record has it. */
export async function expectWhole(url: string, record: ExecRecord): Promise<void> {
  expect(await readBuild(url, record.uuid), `build ${record.uuid}`).toEqual(await expectedOf(record))
}

/** Paths of the files below a folder; none when it is absent. */
export function filesBelow(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Fails when a blob's bytes are not those that its name promises. */
export function expectBlobsSound(blobDir: string): void {
  const broken = filesBelow(blobDir).filter((file) => !file.endsWith(`/${sha256(readFileSync(file))}`))
  expect(broken).toEqual([])
}
