import { builder } from '../graphql/builder.ts'
import { formatCursor, pageCost, parsePage, type ListOrder } from '../graphql/connection.ts'
import { Build } from './build.graphql.ts'
import { lineLimitBytes, readConsoleLines, type ConsoleLine as Line } from './console.ts'
import { consoleWindow } from './console-window.ts'

export const ConsoleLine = builder.objectRef<Line>('ConsoleLine').implement({
  description: 'A line of what a build printed.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Line number, from 1, as in the text at `consoleUrl`.' }),
    offsetMs: t.exposeFloat('offsetMs', {
      description: 'Time at which the line was printed, in milliseconds since the start of the build.',
    }),
    text: t.exposeString('text', {
      description: `The line: its first ${lineLimitBytes / 1024} KiB; \`consoleUrl\` has all of it. ANSI escapes stay as they are. Bytes that are not UTF-8 are shown as U+FFFD.`,
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

/** Lines are read from two files. */
const consolePrice = 100

builder.prismaObjectField(Build, 'console', (t) =>
  t.connection(
    {
      type: ConsoleLine,
      nullable: true,
      description:
        'Console output of the build, oldest line first. `consoleUrl` serves the whole console as one text. Null, with an error, if the server has lost it.',
      complexity: (args) => ({ ...pageCost(args), field: consolePrice }),
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
