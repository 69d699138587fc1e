import type { ServerResponse } from 'node:http'
import type { Deps } from '../deps.ts'
import type { HttpRoute } from '../http.ts'
import { element, printHtml } from '../pages/html.ts'
import { siteKey } from '../secrets/site-key.ts'
import { endSubscriptions } from './change-subscriptions.ts'
import { parseUnsubscribeToken } from './unsubscribe-token.ts'

const path = '/unsubscribe/:token'

/**
 * Ends subscriptions from a mail, without signing in. Programs of mail send a POST when somebody presses their button (RFC 8058). A GET
 * changes nothing: programs that look at links for viruses send it, too.
 */
export function unsubscribeRoutes({ config, writer }: Pick<Deps, 'config' | 'writer'>): HttpRoute[] {
  const parse = (token = '') => parseUnsubscribeToken(siteKey(config.dataDir), token)
  return [
    {
      methods: ['GET'],
      path,
      needs: 'none',
      handle({ response, params }) {
        if (!parse(params['token'])) return sendUnknown(response)
        sendPage(response, 200, 'Unsubscribe', [
          element('p', {}, 'Do you want no more mails like the one that has led you here?'),
          // The same address: the browser sends it with its token.
          element(
            'form',
            { method: 'post' },
            element('button', { type: 'submit', style: 'font:inherit;padding:6px 12px' }, 'Unsubscribe'),
          ),
        ])
      },
    },
    {
      methods: ['POST'],
      path,
      needs: 'none',
      async handle({ response, params }) {
        const named = parse(params['token'])
        if (!named) return sendUnknown(response)
        await endSubscriptions(writer, named)
        sendPage(response, 200, 'Unsubscribed', [
          element('p', {}, 'No more mails like that one are sent to you.'),
          element('p', {}, element('a', { href: '/account#notifications' }, 'Your other subscriptions')),
        ])
      },
    },
  ]
}

function sendUnknown(response: ServerResponse): void {
  sendPage(response, 404, 'Unknown address', [
    element('p', {}, 'This address is not whole, or not from this site. Sign in to end your subscriptions:'),
    element('p', {}, element('a', { href: '/account#notifications' }, 'Your subscriptions')),
  ])
}

function sendPage(
  response: ServerResponse,
  status: number,
  title: string,
  children: ReturnType<typeof element>[],
): void {
  const html = printHtml([
    { type: 'doctype' },
    element(
      'html',
      { lang: 'en' },
      element(
        'head',
        {},
        element('meta', { charSet: 'utf-8' }),
        element('meta', { name: 'viewport', content: 'width=device-width' }),
        element('meta', { name: 'color-scheme', content: 'light dark' }),
        element('title', {}, `${title} · Builder Hub`),
      ),
      element(
        'body',
        { style: 'font-family:sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem' },
        element('main', {}, element('h1', {}, title), ...children),
      ),
    ),
  ])
  const body = Buffer.from(html)
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Robots-Tag': 'noindex',
    'Content-Security-Policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  })
  response.end(body)
}
