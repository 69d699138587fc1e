import { readFileSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server } from 'node:tls'
import { BadConfigError } from '../config.ts'
import type { Deps } from '../deps.ts'

const handshakeMs = 10_000
/** A renewed certificate is taken without a restart, which would cost builder's workers their runs. */
const renewalMs = 60_000

/** A listener with `--builder-tls-cert`, which is read again when it changes. Throws BadConfigError. */
export function createTlsListener(
  { config, log }: Pick<Deps, 'config' | 'log'>,
  serve: (socket: Socket) => void,
): { server: Server; stop: () => void } {
  const files = { cert: config.builderTlsCert, key: config.builderTlsKey }
  const options = { allowHalfOpen: true, handshakeTimeout: handshakeMs, minVersion: 'TLSv1.2' as const }
  let server: Server
  try {
    server = createServer({ ...options, ...readPair(files) }, serve)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new BadConfigError(`--builder-tls-cert and --builder-tls-key cannot be used together: ${reason}`)
  }
  // Scanners, and clients without TLS.
  server.on('tlsClientError', (error) => log.info({ reason: error.message }, 'a TLS handshake failed'))
  let changedAt = changeOf(files)
  const timer = setInterval(() => {
    try {
      const now = changeOf(files)
      if (now === changedAt) return
      server.setSecureContext({ minVersion: options.minVersion, ...readPair(files) })
      changedAt = now
      log.info(files, 'the certificate of the builder protocol was read again')
    } catch (error) {
      log.error({ err: error }, 'the new certificate of the builder protocol cannot be used')
    }
  }, renewalMs)
  timer.unref()
  return { server, stop: () => clearInterval(timer) }
}

type Files = { cert: string; key: string }

const readPair = ({ cert, key }: Files): SecureContextOptions => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
})

const changeOf = ({ cert, key }: Files) => `${statSync(cert).mtimeMs} ${statSync(key).mtimeMs}`
