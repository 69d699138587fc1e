import { builder } from '../graphql/builder.ts'
import { formatCursor, pageCost, parsePage, type ListOrder } from '../graphql/connection.ts'
import { Build } from './build.graphql.ts'
import { readConsoleLines, type ConsoleLine as Line } from './console.ts'
import { consoleWindow } from './console-window.ts'

const ConsoleLine = builder.objectRef<Line>('ConsoleLine').implement({
  description: 'A line of what a build printed.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Counts from 1; the same as in the console as text.' }),
    offsetMs: t.exposeFloat('offsetMs', {
      description: 'When it was printed, in milliseconds since the start.',
    }),
    text: t.exposeString('text', {
      description: 'The line, with ANSI escapes as they are; bytes that are not UTF-8 as U+FFFD.',
    }),
  }),
})

const ConsoleLineConnection = builder.connectionObject(
  {
    type: ConsoleLine,
    name: 'ConsoleLineConnection',
    description: 'A page of a console, oldest line first.',
  },
  { name: 'ConsoleLineEdge', description: 'A line of a console.' },
)

const lineOrder: ListOrder<Line, number> = {
  name: 'line',
  keyOf: ({ number }) => String(number),
  parseKey: (text) => (/^\d{1,10}$/.test(text) ? Number(text) : null),
}

builder.prismaObjectField(Build, 'console', (t) =>
  t.connection(
    {
      type: ConsoleLine,
      description: 'What it printed, oldest line first. For all of it at once use `consoleUrl`.',
      complexity: pageCost,
      select: {
        consoleSha256: true,
        consoleSizeBytes: true,
        consoleIndexSha256: true,
        consoleLineCount: true,
      },
      resolve: async (build, args, { blobs }) => {
        const page = parsePage(args, lineOrder)
        const { start, count, ...pageInfo } = consoleWindow(page, build.consoleLineCount)
        const lines = await readConsoleLines({ blobs }, build, { start, count })
        const edges = lines.map((node) => ({ node, cursor: formatCursor(lineOrder, node) }))
        return {
          edges,
          pageInfo: {
            ...pageInfo,
            startCursor: edges[0]?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
          },
          totalCount: () => build.consoleLineCount,
        }
      },
    },
    ConsoleLineConnection,
  ),
)
