import { createTransport } from 'nodemailer'

/** A message as SMTP takes it. `unsubscribe`: an address that ends the subscription by POST; null: there is none. */
export type Message = {
  from: string
  to: string
  subject: string
  text: string
  html: string
  messageId: string
  inReplyTo: string | null
  listHost: string
  unsubscribe: string | null
}

/** The mail server refuses the address of the recipient for good. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError'
}

const timeoutMs = 20_000

/**
 * Sends a message. Returns what the server answered. Throws AddressRefusedError, and for everything else, which may be better later, an
 * Error of nodemailer. A password goes over TLS alone, unless the server is this machine.
 */
export async function sendMessage(smtpUrl: string, message: Message): Promise<string> {
  const transport = openTransport(smtpUrl)
  const { from, to, subject, text, html, messageId, inReplyTo, listHost, unsubscribe } = message
  try {
    const { response } = await transport.sendMail({
      ...{ from, to: { name: '', address: to }, subject, text, html, messageId },
      ...(inReplyTo !== null && { inReplyTo, references: inReplyTo }),
      headers: {
        'Auto-Submitted': 'auto-generated',
        'List-Id': `Builder Hub <notifications.${listHost}>`,
        ...(unsubscribe !== null && {
          'List-Unsubscribe': `<${unsubscribe}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        }),
      },
      // Text of builds names no file and no address that is read.
      ...{ disableFileAccess: true, disableUrlAccess: true },
    })
    return response
  } catch (error) {
    if (isHardBounce(error)) throw new AddressRefusedError(error.response, { cause: error })
    throw error
  } finally {
    transport.close()
  }
}

/** Whether a mail server answers and takes the password. Throws if not. */
export async function checkSmtp(smtpUrl: string): Promise<void> {
  const transport = openTransport(smtpUrl)
  try {
    await transport.verify()
  } finally {
    transport.close()
  }
}

function openTransport(smtpUrl: string) {
  const { hostname, username, protocol } = new URL(smtpUrl)
  const isOwnMachine = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
  return createTransport({
    url: smtpUrl,
    requireTLS: username !== '' && protocol === 'smtp:' && !isOwnMachine,
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ dnsTimeout: timeoutMs },
  })
}

/**
 * Whether a server says that there is no such recipient. 5.7: it does not want mail from here, which is not the fault of the address.
 * Source: RFC 3463 §3.
 */
function isHardBounce(error: unknown): error is Error & { response: string } {
  if (!(error instanceof Error)) return false
  const { command, responseCode, response } = error as Error & Record<string, unknown>
  if (typeof command !== 'string' || !command.startsWith('RCPT') || typeof response !== 'string') return false
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1]
  if (enhanced !== undefined) return /^5\.(1\.|2\.1$)/.test(enhanced)
  return responseCode === 550 || responseCode === 551 || responseCode === 553
}
