import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  ftruncateSync,
  writeSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  readdirSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { diskBlobStore } from '../../server/blobs/disk-blob-store.ts'
import { artifactPath, buildPath } from '../../server/paths.ts'
import { alice, bytesOf } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from '../server/graphql-site.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { openDropinSite, type DropinSite } from './dropin-site.ts'

const run = promisify(execFile)

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const job = 'a job; 100% ünicöde?'
const image = Buffer.from('a unikernel'.repeat(1000))
const largeBytes = 3 * 1024 ** 3
/** Where a broken download stopped: beyond what 31 bits count. */
const brokenAt = largeBytes - 5 * 1024 ** 2 - 123

let site: DropinSite
let root: string
const largeEnd = Buffer.from('the end of a large file')

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'clients-'))
  const blobs = diskBlobStore({ dir: join(root, 'blobs'), stagingDir: join(root, 'staging') })
  site = await openDropinSite({ blobs })
  await site.upload(
    sampleRecord({ job, uuid: uuidOf(1), artifacts: [file('bin/hello.hvt', image), file('a b?/c%', 'c')] }),
  )
  addLargeFile()
  // Of a build of its own: whoever reads all of it finds that its content is not that of its hash.
  await site.upload(sampleRecord({ job: 'large', uuid: uuidOf(4) }))
  const build = await site.app.deps.db.build.findUniqueOrThrow({ where: { uuid: uuidOf(4) } })
  await site.app.deps.writer.transact([], (tx) =>
    tx.artifact.create({
      data: {
        buildId: build.id,
        path: 'large',
        sha256: 'ab'.repeat(32),
        sizeBytes: BigInt(largeBytes),
        startedAt: build.startedAt,
      },
    }),
  )
})
afterAll(async () => {
  await site.close()
  rmSync(root, { recursive: true })
})

/** A file of 3 GiB that takes no room on the disk. */
function addLargeFile(): void {
  mkdirSync(join(root, 'blobs/ab'), { recursive: true })
  const sparse = openSync(join(root, 'blobs/ab', 'ab'.repeat(32)), 'w')
  ftruncateSync(sparse, largeBytes)
  writeSync(sparse, largeEnd, 0, largeEnd.length, largeBytes - largeEnd.length)
  closeSync(sparse)
}

function workDir(): string {
  const dir = mkdtempSync(join(root, 'work-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const imageHash = createHash('sha256').update(image).digest('hex')
const jobUrl = () => `${site.url}/job/${encodeURIComponent(job)}`
const largeUrl = () => site.url + artifactPath('large', uuidOf(4), 'large')

/** The first part of a download of the large file, as zeros on the disk: sparse, like the file. */
function startDownload(dir: string, name: string): string {
  const path = join(dir, name)
  writeFileSync(path, '')
  truncateSync(path, brokenAt)
  return path
}

function expectWholeLarge(path: string): void {
  expect(statSync(path).size).toBe(largeBytes)
  const tail = execFileSync('tail', ['-c', String(largeEnd.length), path])
  expect(tail.equals(largeEnd)).toBe(true)
}

describe.skipIf(!isInstalled('curl'))('curl (skipped where it is not installed)', () => {
  const curl = (dir: string, ...args: string[]) => run('curl', ['-sS', ...args], { cwd: dir })

  test('uploads a record, and a binary', async () => {
    const dir = workDir()
    writeFileSync(join(dir, 'full.der'), await bytesOf(encodeExecRecord(sampleRecord({ uuid: uuidOf(2) }))))
    const url = site.url.replace('http://', `http://${alice.name}:${alice.password}@`)
    const record = await curl(dir, '-f', '--data-binary', '@full.der', `${url}/upload`)
    expect(record.stdout).toBe(`stored build ${uuidOf(2)} of job hello\n`)
    // `-T` sends a file as it is; from a pipe, without its length.
    const binary = await curl(dir, '-f', '-X', 'POST', '-T', 'full.der', `${url}/job/x/platform/p/upload`)
    expect(binary.stdout).toMatch(/^stored build .+ of job x\n$/)
    const { stdout } = await run(
      'sh',
      ['-c', `curl -sS -f -X POST -T - '${url}/job/y/platform/p/upload' < full.der`],
      { cwd: dir },
    )
    expect(stdout).toMatch(/^stored build .+ of job y\n$/)
    await curl(dir, '-f', '-L', '-o', 'back', `${site.url}/job/y/build/latest/main-binary`)
    expect(sha256(join(dir, 'back'))).toBe(sha256(join(dir, 'full.der')))
  })

  test('follows from the latest build to its main binary', async () => {
    const dir = workDir()
    await curl(dir, '-f', '-L', '-o', 'image', `${jobUrl()}/build/latest/main-binary?platform=debian-12`)
    expect(sha256(join(dir, 'image'))).toBe(imageHash)
  })

  test('saves a file under the name that the server sends', async () => {
    const dir = workDir()
    await curl(dir, '-f', '-OJ', site.url + artifactPath(job, uuidOf(1), 'bin/hello.hvt'))
    expect(readdirSync(dir)).toEqual(['hello.hvt'])
    await curl(dir, '-f', '-OJ', `${site.url}${buildPath(job, uuidOf(1))}/exec`)
    expect(readdirSync(dir).some((name) => name.endsWith(`${uuidOf(1)}.full`))).toBe(true)
  })

  test('resumes a download of 3 GiB where it broke', async () => {
    const dir = workDir()
    const path = startDownload(dir, 'large')
    const { stdout } = await curl(
      dir,
      '-f',
      '-C',
      '-',
      '-o',
      'large',
      '-w',
      '%{http_code} %{size_download}',
      largeUrl(),
    )
    expect(stdout).toBe(`206 ${largeBytes - brokenAt}`)
    expectWholeLarge(path)
  })

  test('downloads the whole file if its part has another version', async () => {
    const dir = workDir()
    const url = site.url + artifactPath(job, uuidOf(1), 'bin/hello.hvt')
    const ask = (tag: string) =>
      curl(
        dir,
        '-H',
        `If-Range: ${tag}`,
        '-H',
        'Range: bytes=5-9',
        '-o',
        'part',
        '-w',
        '%{http_code} %{size_download}',
        url,
      )
    expect((await ask(`"${imageHash}"`)).stdout).toBe('206 5')
    expect((await ask('"another"')).stdout).toBe(`200 ${image.length}`)
  })

  test('does not download again what it has', async () => {
    const dir = workDir()
    const url = site.url + artifactPath(job, uuidOf(1), 'bin/hello.hvt')
    const args = ['--etag-save', 'etag', '--etag-compare', 'etag', '-o', 'image', '-w', '%{http_code}', url]
    writeFileSync(join(dir, 'etag'), '')
    expect((await curl(dir, ...args)).stdout).toBe('200')
    expect((await curl(dir, ...args)).stdout).toBe('304')
  })

  test('unpacks an archive while it arrives', async () => {
    const dir = workDir()
    await site.upload(sampleRecord({ uuid: uuidOf(3), artifacts: [file('bin/x', 'x'), file('y/z', 'z')] }))
    await run('sh', ['-c', `curl -sS -f '${site.url}/job/hello/build/${uuidOf(3)}/all.tar.gz' | tar xz`], {
      cwd: dir,
    })
    expect(readFileSync(join(dir, 'y/z'), 'utf8')).toBe('z')
    expect(statSync(join(dir, 'bin/x')).mode & 0o777).toBe(0o755)
  })
})

describe.skipIf(!isInstalled('wget'))('wget (skipped where it is not installed)', () => {
  const wget = (dir: string, ...args: string[]) => run('wget', ['-nv', '--no-config', ...args], { cwd: dir })

  test('fetches the latest binary, as build templates do', async () => {
    const dir = workDir()
    await wget(dir, '-O', 'image', `${jobUrl()}/build/latest/f/bin/hello.hvt`)
    expect(sha256(join(dir, 'image'))).toBe(imageHash)
    await wget(dir, '--content-disposition', `${jobUrl()}/build/latest/main-binary`)
    expect(existsSync(join(dir, 'hello.hvt'))).toBe(true)
  })

  test('fetches the latest binary of a platform, or fails', async () => {
    const dir = workDir()
    await wget(dir, '-O', 'image', `${jobUrl()}/build/latest/main-binary?platform=debian-12`)
    await expect(
      wget(dir, '-O', 'none', `${jobUrl()}/build/latest/main-binary?platform=plan9`),
    ).rejects.toThrow('404')
  })

  test('resumes a download of 3 GiB where it broke', async () => {
    const dir = workDir()
    const path = startDownload(dir, 'large')
    await wget(dir, '-c', largeUrl())
    expectWholeLarge(path)
  })

  test('downloads only newer files', async () => {
    const dir = workDir()
    const url = site.url + artifactPath(job, uuidOf(1), 'bin/hello.hvt')
    await wget(dir, '-N', url)
    const { mtimeMs, ino } = statSync(join(dir, 'hello.hvt'))
    expect(new Date(mtimeMs).toISOString()).toBe('2026-11-01T10:01:01.000Z')
    await wget(dir, '-N', url)
    expect(statSync(join(dir, 'hello.hvt')).ino).toBe(ino)
  })
})
