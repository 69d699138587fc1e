import * as z from 'zod'
import type { Deps } from '../deps.ts'
import { sendText, type HttpRoute } from '../http.ts'
import { BadCredentialsError, TooManyAttemptsError } from '../users/bad-credentials.ts'
import { clientAddress } from '../users/credentials.ts'

const maxBodyBytes = 65_536
const Body = z.object({ jwt: z.string().max(maxBodyBytes) })

/** `POST /oidc/token` with `{"jwt": …}`: a token for uploads, of 15 minutes, for a JSON Web Token of a trusted publisher. */
export function exchangeJwtRoute(deps: Pick<Deps, 'config' | 'exchangeJwt'>): HttpRoute {
  return {
    methods: ['POST'],
    path: '/oidc/token',
    needs: 'none',
    async handle({ request, response }) {
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > maxBodyBytes) return sendText(response, 413, 'the JSON Web Token is too large')
        chunks.push(chunk)
      }
      const body = Body.safeParse(jsonOf(Buffer.concat(chunks).toString()))
      if (!body.success) return sendText(response, 400, 'send JSON such as {"jwt": "eyJ…"}')
      try {
        const address = clientAddress(request, deps.config.trustedProxies)
        const { text, expiresAt } = await deps.exchangeJwt(body.data.jwt, address)
        const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
        response.writeHead(200, headers).end(JSON.stringify({ token: text, expiresAt }))
      } catch (error) {
        if (error instanceof TooManyAttemptsError) {
          sendText(response, 429, error.message, { 'Retry-After': String(error.retryAfterSeconds) })
          return
        }
        if (!(error instanceof BadCredentialsError)) throw error
        sendText(response, 401, error.message, { 'WWW-Authenticate': 'Bearer' })
      }
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
