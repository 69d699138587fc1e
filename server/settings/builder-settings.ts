import * as z from 'zod'
import { parseListenAddress } from './listen-address.ts'
import { optionalFile, setting } from './setting.ts'

/** Settings of the port for builder's workers and clients, and for the hub's own workers. */
export const builderSettings = {
  builderListen: setting(
    {
      flag: '--builder-listen <address>',
      env: 'BUILDER_HUB_BUILDER_LISTEN',
      help: 'host and port for builder-worker, builder-client and hub worker, as 127.0.0.1:1234; empty: none',
      fallback: '',
    },
    z.string().refine((text) => text === '' || parseListenAddress(text) !== null, {
      error: 'it must be a host and a port, such as 127.0.0.1:1234 or [::1]:1234',
    }),
  ),
  builderTlsCert: setting(
    {
      flag: '--builder-tls-cert <file>',
      env: 'BUILDER_HUB_BUILDER_TLS_CERT',
      help: 'certificate chain in PEM for --builder-listen; empty: no TLS',
      fallback: '',
    },
    optionalFile(),
  ),
  builderTlsKey: setting(
    {
      flag: '--builder-tls-key <file>',
      env: 'BUILDER_HUB_BUILDER_TLS_KEY',
      help: 'private key in PEM of --builder-tls-cert',
      fallback: '',
    },
    optionalFile(),
  ),
  builderTokenRequired: setting(
    {
      flag: '--builder-token-required [true or false]',
      env: 'BUILDER_HUB_BUILDER_TOKEN_REQUIRED',
      help: 'true: --builder-listen serves only workers and clients with a token, which programs of builder cannot send',
      fallback: 'false',
    },
    z.enum(['true', 'false'], 'it must be true or false').transform((text) => text === 'true'),
  ),
}
