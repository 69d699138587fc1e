import type { GraphQLAnswer, TestApp } from '../../app.ts'

export type BrowserAnswer = GraphQLAnswer & { status: number; headers: Headers; setCookies: string[] }

type Asked = { variables?: Record<string, unknown>; headers?: Record<string, string> }

/** A browser with its cookies, as a page of the site uses it. */
export function openBrowser({ url }: Pick<TestApp, 'url'>) {
  const cookies = new Map<string, string>()

  /** Expiry is by Max-Age alone. */
  function take(setCookies: readonly string[]): void {
    for (const text of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
      if (/; Max-Age=0(;|$)/.test(text)) cookies.delete(name)
      else cookies.set(name, value)
    }
  }

  async function get(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie === '' ? {} : { Cookie: cookie }), ...(init.headers as Record<string, string>) },
    })
    take(answer.headers.getSetCookie())
    return answer
  }

  async function graphql(query: string, { variables, headers }: Asked = {}): Promise<BrowserAnswer> {
    const answer = await get('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    const { status, headers: received } = answer
    const json = (await answer.json()) as GraphQLAnswer
    return { status, headers: received, setCookies: received.getSetCookie(), ...json }
  }

  return {
    cookies,
    get,
    graphql,
    signIn: (input: { name: string; password: string; code?: string }, { headers }: Asked = {}) =>
      graphql(signInMutation, { variables: { input }, ...(headers ? { headers } : {}) }),
  }
}

export const signInMutation = `mutation ($input: SignInInput!) { signIn(input: $input) {
  __typename
  ... on SignInSuccess { viewer { name role rights credential hasSecondFactor } }
  ... on Refusal { message }
  ... on NotAuthorizedError { code retryAfterSeconds }
} }`
