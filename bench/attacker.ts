import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'

/** `{n}`, in bodies and headers, stands for a number that no other request of the attack has. */
export type AttackRequest = { method: string; path: string; headers?: Record<string, string>; body?: string }

export type Attack = {
  connections: number
  /** From so many addresses, by what a proxy would say. */
  addresses: number
  requests: readonly AttackRequest[]
  /** Whether answers are read with 64 KiB a second, and refused ones asked for again after a second. */
  isSlow?: boolean
}

export type AttackMessage = { url: string; attack: Attack } | 'stop'

/** Answers by their status; 0 of broken connections. */
export type AttackResult = Record<number, number>

const readBytes = 64 * 1024

let isOver = false
let sent = 0
const counts: AttackResult = {}
const agent = new Agent({ keepAlive: true, maxSockets: Infinity })

/** Send one request after the other, on a connection of its own, until the attack is over. */
async function attackOnce(url: string, { addresses, requests, isSlow = false }: Attack): Promise<void> {
  while (!isOver) {
    const status = await send(url, requests, addresses, isSlow)
    counts[status] = (counts[status] ?? 0) + 1
    if (isSlow && status !== 200) await pause(1_000)
  }
}

/** The status, once the answer is read. */
function send(
  url: string,
  requests: readonly AttackRequest[],
  addresses: number,
  isSlow: boolean,
): Promise<number> {
  const n = sent++
  const numbered = (text: string) => text.replaceAll('{n}', String(n))
  const { method, path, headers = {}, body } = requests[n % requests.length] ?? { method: 'GET', path: '/' }
  return new Promise((resolve) => {
    const outgoing: ClientRequest = request(new URL(path, url), {
      agent,
      method,
      ...(isSlow ? { highWaterMark: readBytes } : {}),
      headers: {
        'X-Forwarded-For': `192.0.${Math.floor((n % addresses) / 256)}.${(n % addresses) % 256}`,
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, numbered(value)])),
      },
    })
    outgoing.on('error', () => resolve(0))
    outgoing.on('response', (response: IncomingMessage) => {
      const ended = () => resolve(response.statusCode ?? 0)
      response.on('error', ended).on('close', ended)
      response.on('data', () => {
        if (!isSlow) return
        response.pause()
        setTimeout(() => response.resume(), 1_000)
      })
    })
    outgoing.end(body === undefined ? undefined : numbered(body))
  })
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

// A process of its own, so that the visitor's clock does not wait for it.
process.on('message', (message: AttackMessage) => {
  if (message !== 'stop') {
    for (let n = 0; n < message.attack.connections; n++) void attackOnce(message.url, message.attack)
    return
  }
  isOver = true
  process.send?.(counts, () => process.exit())
})
