import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'

export type Received = { to: string[]; isSecure: boolean; mail: ParsedMail }

/**
 * A real SMTP server on a port of this machine that keeps what it accepts. `options` make it refuse, or want a password. `slowMs`: so
 * long after it has a mail it says so.
 */
export async function mailServer(options: SMTPServerOptions = {}, slowMs = 0) {
  const received: Received[] = []
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], disableReverseLookup: true, logger: false },
    onData(stream, { envelope, secure }, accepted) {
      simpleParser(stream)
        .then((mail) => {
          received.push({ to: envelope.rcptTo.map(({ address }) => address), isSecure: secure, mail })
          setTimeout(() => accepted(null), slowMs)
        })
        .catch(accepted)
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  onTestFinished(close)
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received,
    subjects: () => received.map(({ mail }) => mail.subject),
    close,
  }
}

/** An answer of the server that refuses a command. */
export const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode })
