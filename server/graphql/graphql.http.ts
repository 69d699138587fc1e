import type { HttpRoute } from '../http.ts'
import { graphiqlPage } from './graphiql.ts'
import type { createGraphQL } from './yoga.ts'

/** `/graphql`: operations, and GraphiQL for browsers. */
export function graphqlRoutes(yoga: ReturnType<typeof createGraphQL>): HttpRoute[] {
  return [
    {
      methods: ['GET', 'HEAD', 'POST', 'OPTIONS'],
      path: '/graphql',
      // Its fields check what they need.
      needs: 'none',
      async handle({ request, response, query }) {
        // The answer to HEAD is that to GET without its body, which Node leaves out.
        if (request.method === 'HEAD') {
          request.method = 'GET'
          // Events would go on, unseen.
          request.headers.accept = request.headers.accept?.replace(/text\/event-stream/gi, 'application/json')
        }
        const isPage = /text\/html/i.test(request.headers.accept ?? '') && !query.has('query')
        if (request.method === 'GET' && isPage) {
          const { headers, body } = await graphiqlPage()
          response.writeHead(200, headers).end(body)
          return
        }
        await yoga(request, response, { req: request, res: response })
      },
    },
  ]
}
