import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import * as z from 'zod'
import { DomainError } from '../../errors.ts'
import { isLoopback } from '../../is-loopback.ts'
import { ioOf } from '../command-io.ts'
import type { TypedDocumentString } from '../../generated/operations/graphql.ts'
import { addressBelow } from './address-below.ts'

/** A site that `--hub` names does not do what a command asks, or cannot be reached. */
export class RemoteSiteError extends DomainError {
  override readonly name = 'RemoteSiteError'
}

/** What a mutation answers unless the site refuses it. */
type Acted<Answer> = Exclude<NonNullable<Answer[keyof Answer]>, { refusal: string }>

/** A site that commands reach by its GraphQL API and its addresses. Everything throws RemoteSiteError. */
export type RemoteSite = {
  /** Its address, such as `https://builds.example.org`. */
  url: string
  /** Answer of a query. */
  ask: <Answer, Variables>(
    document: TypedDocumentString<Answer, Variables>,
    variables: Variables,
  ) => Promise<Answer>
  /** Answer of a mutation of one field, which asks `... on Refusal { refusal: message }`. */
  act: <Answer extends object, Variables>(
    document: TypedDocumentString<Answer, Variables>,
    variables: Variables,
  ) => Promise<Acted<Answer>>
  /** The text at an address of the site, such as `/export/builds.csv`, while it arrives. */
  read: (path: string) => AsyncIterable<string>
  /** The bytes there. */
  download: (path: string) => AsyncIterable<Uint8Array>
}

/** Longer than any operation of a site takes: `removeJob` stops after 20 seconds. */
const defaultTimeoutMs = 60_000

const answerSchema = z
  .object({
    data: z.unknown().optional(),
    errors: z
      .array(
        z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }),
      )
      .optional(),
  })
  .refine(({ data, errors }) => data !== undefined || errors !== undefined)

/** The site of `--hub`, as the user whose token is in `--token-file`; null: the command uses the data directory. */
export function remoteSiteOf(command: Command): RemoteSite | null {
  const { hub: url } = command.optsWithGlobals<{ hub?: string }>()
  if (url === undefined) return null
  const token = tokenOf(command)
  const { hostname, protocol } = new URL(url)
  if (token !== null && protocol === 'http:' && !isLoopback(hostname))
    ioOf(command).stderr.write(
      `warning: everybody on the way to ${url} can read the token: name the address with https://\n`,
    )
  return openRemoteSite(url, token)
}

/** The token in `--token-file`; null: none is named. Throws RemoteSiteError. */
export function tokenOf(command: Command): string | null {
  const { tokenFile } = command.optsWithGlobals<{ tokenFile?: string }>()
  if (tokenFile === undefined) return null
  let text
  try {
    text = readFileSync(tokenFile, 'utf8').trim()
  } catch (error) {
    throw new RemoteSiteError(`the token cannot be read: ${(error as Error).message}`)
  }
  if (!/^[\x21-\x7e]+$/.test(text))
    throw new RemoteSiteError(
      `${tokenFile} has no token: it must have one line, as "hub token create" prints it`,
    )
  return text
}

/** A site with its address, such as `https://builds.example.org`, and a token; without one, as a visitor sees it. */
export function openRemoteSite(
  url: string,
  token: string | null,
  { timeoutMs = defaultTimeoutMs }: { timeoutMs?: number } = {},
): RemoteSite {
  async function ask<Answer, Variables>(
    document: TypedDocumentString<Answer, Variables>,
    variables: Variables,
  ): Promise<Answer> {
    const body = JSON.stringify({ query: document.toString(), variables })
    const { errors, data } = readAnswer(url, token, await send(url, token, body, timeoutMs))
    if (token === null && errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED'))
      throw new RemoteSiteError(`${url} wants to know who asks: name a token by --token-file`)
    if (errors) throw new RemoteSiteError(`${url}: ${errors.map(({ message }) => message).join('; ')}`)
    // The site answers as its schema says, from which the type of the document is made.
    return data as Answer
  }
  return {
    url,
    ask,
    async act<Answer extends object, Variables>(
      document: TypedDocumentString<Answer, Variables>,
      variables: Variables,
    ): Promise<Acted<Answer>> {
      const [acted] = Object.values(await ask(document, variables)) as unknown[]
      if (typeof acted !== 'object' || acted === null)
        throw new RemoteSiteError(`${url} does not say what it did`)
      if (isRefusal(acted)) throw new RemoteSiteError(acted.refusal)
      return acted as Acted<Answer>
    },
    read: (path) => decoded(readBytes(url, token, path, timeoutMs)),
    download: (path) => readBytes(url, token, path, timeoutMs),
  }
}

/** `timeoutMs`: until the answer begins. */
async function* readBytes(
  url: string,
  token: string | null,
  path: string,
  timeoutMs: number,
): AsyncGenerator<Uint8Array> {
  const begun = new AbortController()
  const timer = setTimeout(() => begun.abort(new TimeoutError()), timeoutMs)
  try {
    const response = await fetch(addressBelow(url, path), {
      headers: credentialsOf(token),
      redirect: 'manual',
      signal: begun.signal,
    })
    clearTimeout(timer)
    const { body, headers, status } = response
    if (status >= 300 && status < 400) throw leadsElsewhere(url, headers.get('location'))
    if (status === 401) throw refusesToken(url, token, await response.text())
    if (status !== 200) throw new RemoteSiteError(`${url}: ${(await response.text()).trim()}`)
    if (body) yield* body
  } catch (error) {
    if (error instanceof RemoteSiteError) throw error
    throw unreachable(url, error, timeoutMs)
  } finally {
    clearTimeout(timer)
  }
}

async function* decoded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

const credentialsOf = (token: string | null): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` }

const leadsElsewhere = (url: string, location: string | null) =>
  new RemoteSiteError(
    `${url} leads to ${location ?? 'another address'}: name the address of the site itself by --hub`,
  )

const refusesToken = (url: string, token: string | null, why: string) =>
  new RemoteSiteError(
    token === null
      ? `${url} wants to know who asks: name a token by --token-file`
      : `${url} refuses the token of --token-file: ${why.trim()}`,
  )

function unreachable(url: string, error: unknown, timeoutMs: number): RemoteSiteError {
  if (error instanceof Error && error.name === 'TimeoutError')
    return new RemoteSiteError(
      `${url} has not answered within ${timeoutMs / 1_000} seconds: what was asked for may be done all the same`,
    )
  const { cause } = error as Error
  return new RemoteSiteError(
    `${url} cannot be reached: ${cause instanceof Error ? cause.message : String(error)}`,
  )
}

const isRefusal = (acted: object): acted is { refusal: string } => 'refusal' in acted

type Answered = { status: number; location: string | null; text: string }

async function send(url: string, token: string | null, body: string, timeoutMs: number): Promise<Answered> {
  const headers = {
    'Content-Type': 'application/json',
    Accept: 'application/json',
    ...credentialsOf(token),
  }
  // A token goes to the address that the operator has named, and to no other.
  const request = { method: 'POST', headers, body, redirect: 'manual' } as const
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(addressBelow(url, '/graphql'), { ...request, signal })
    return {
      ...{ status: response.status, location: response.headers.get('location') },
      text: await response.text(),
    }
  } catch (error) {
    throw unreachable(url, error, timeoutMs)
  }
}

function readAnswer(url: string, token: string | null, { status, location, text }: Answered) {
  if (status >= 300 && status < 400) throw leadsElsewhere(url, location)
  let answer
  try {
    answer = answerSchema.parse(JSON.parse(text))
  } catch {
    throw new RemoteSiteError(
      `${url} is no Builder Hub: its /graphql answers with the status ${status}, and not as GraphQL does`,
    )
  }
  if (status === 401)
    throw refusesToken(url, token, (answer.errors ?? []).map(({ message }) => message).join('; '))
  return answer
}
