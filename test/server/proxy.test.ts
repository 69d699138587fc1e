import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request, type RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { alice, basicAuth, projectDir, temporaryDir, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'

const has = (program: string, flag: string) => spawnSync(program, [flag], { stdio: 'ignore' }).status === 0

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const configOf = (name: string) => readFileSync(join(projectDir, 'packaging/proxy', name), 'utf8')

/** Every replacement has to find its text: the file is tested as it is, but for addresses and certificates. */
function adapted(text: string, changes: readonly [from: string, to: string][]): string {
  return changes.reduce((now, [from, to]) => {
    expect(now).toContain(from)
    return now.replaceAll(from, to)
  }, text)
}

function run(program: string, args: readonly string[], dir: string): void {
  const child = spawn(program, args, {
    stdio: 'ignore',
    env: { ...process.env, HOME: dir, XDG_DATA_HOME: dir },
  })
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  })
}

function startNginx(appPort: string, port: number, dir: string): void {
  const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')]
  const subject = ['-subj', '/CN=builds.example.org', '-days', '2']
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
      ...subject,
    ],
    { stdio: 'ignore' },
  )
  const site = adapted(configOf('nginx.conf'), [
    ['127.0.0.1:3000', `127.0.0.1:${appPort}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['listen [::]:443 ssl;', ''],
    ['/etc/letsencrypt/live/builds.example.org/fullchain.pem', certificate],
    ['/etc/letsencrypt/live/builds.example.org/privkey.pem', key],
  ])
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(dir, name)};`,
  )
  const main = join(dir, 'nginx.conf')
  writeFileSync(
    main,
    `daemon off; pid ${join(dir, 'pid')}; error_log ${join(dir, 'log')}; events {}\nhttp { access_log off; ${folders.join(' ')}\n${site}}`,
  )
  run('nginx', ['-e', join(dir, 'log'), '-c', main], dir)
}

function startCaddy(appPort: string, port: number, dir: string): void {
  mkdirSync(join(dir, 'storage'))
  const site = adapted(configOf('Caddyfile'), [
    ['127.0.0.1:3000', `127.0.0.1:${appPort}`],
    ['builds.example.org {', `https://builds.example.org:${port} {\n\ttls internal\n\tbind 127.0.0.1`],
  ])
  const options = '{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n'
  writeFileSync(join(dir, 'Caddyfile'), `${options}${site}`)
  run('caddy', ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], dir)
}

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string }

function ask(port: number, path: string, options: RequestOptions = {}, body?: Uint8Array): Promise<Answer> {
  const headers = { Host: 'builds.example.org', ...options.headers }
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        ...options,
        host: '127.0.0.1',
        port,
        path,
        headers,
        servername: 'builds.example.org',
        rejectUnauthorized: false,
      },
      (response) => {
        buffer(response).then(
          (bytes) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text: String(bytes) }),
          reject,
        )
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

/** The first bytes of the answer to a subscription that contain `text`. */
function firstEvent(port: number, query: string, onOpen: () => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        ...{ host: '127.0.0.1', port, servername: 'builds.example.org', rejectUnauthorized: false },
        path: `/graphql?query=${encodeURIComponent(query)}`,
        headers: { Host: 'builds.example.org', Accept: 'text/event-stream' },
      },
      (response) => {
        let text = ''
        onOpen()
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
          if (!text.includes('buildStored')) return
          asking.destroy()
          resolve(text)
        })
      },
    )
    asking.on('error', (error) => reject(error))
    asking.end()
  })
}

const proxies = [
  { name: 'nginx', start: startNginx, isThere: has('nginx', '-v') },
  { name: 'caddy', start: startCaddy, isThere: has('caddy', 'version') },
]

for (const { name, start, isThere } of proxies)
  test.skipIf(!isThere)(
    `the configuration for ${name} passes pages, uploads and events, and tells who asks`,
    async () => {
      const app: TestApp = await testApp({ env: { BUILDER_HUB_TRUSTED_PROXIES: '1' } })
      const port = await freePort()
      start(new URL(app.url).port, port, temporaryDir())
      await expect
        .poll(
          () =>
            ask(port, '/health/live').then(
              ({ status }) => status,
              () => null,
            ),
          { timeout: 120_000 },
        )
        .toBe(200)

      // What the server hears of the client and its address of the site.
      const feed = await ask(port, '/feed.atom')
      expect(feed.text).toContain('https://builds.example.org')
      expect(feed.headers['x-request-id']).toMatch(/^[\da-f-]{32,36}$/)

      // Larger than what a proxy stores by itself.
      const record = sampleRecord({ artifacts: [file('bin/hello', new Uint8Array(3 * 1024 ** 2))] })
      const body = await buffer(encodeExecRecord(record))
      const headers = { Authorization: basicAuth(alice) }
      let opened = () => {}
      const isOpen = new Promise<void>((resolve) => (opened = resolve))
      const event = firstEvent(port, 'subscription { buildStored { build { uuid } } }', opened)
      await isOpen
      expect((await ask(port, '/upload', { method: 'POST', headers }, body)).status).toBe(201)
      expect(await event).toContain(record.uuid)

      const download = await ask(port, `/job/${record.job}/build/${record.uuid}/f/bin/hello`)
      expect([download.status, download.text.length]).toEqual([200, 3 * 1024 ** 2])
      expect((await ask(port, '/', { headers: { Accept: 'text/html' } })).status).toBe(200)
    },
  )
