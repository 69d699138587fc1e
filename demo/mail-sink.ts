import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

/** A mail server of the demo alone: each mail becomes a file in `folder`, for programs of mail to open. Returns its address. */
export async function startMailSink(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  let count = 0
  const server = new SMTPServer({
    ...{
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      logger: false,
    },
    onData(stream, _session, accepted) {
      buffer(stream)
        .then((mail) => {
          writeFileSync(join(folder, `${++count}.eml`), mail)
          accepted()
        })
        .catch(accepted)
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.server.unref()
  return `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
}
