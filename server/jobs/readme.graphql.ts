import { waitElsewhere } from '../graphql/bounded-answers.ts'
import { builder } from '../graphql/builder.ts'
import { textPrice } from '../graphql/connection.ts'
import { markVolatile } from '../volatile.ts'
import { readReadme, readReadmeHtml } from './readme.ts'

export const Readme = builder.objectRef<{ sha256: string }>('Readme').implement({
  description: "The README.md of the job's newest build that has one.",
  fields: (t) => ({
    markdown: t.string({
      description: 'The first 256 KiB of the file as it is, in GitHub Flavored Markdown.',
      complexity: textPrice,
      resolve: ({ sha256 }, _args, { blobs }) => readReadme(blobs, sha256),
    }),
    html: t.string({
      description:
        'The README as HTML that is safe to embed: no scripts, styles, forms or frames; links to http, https and mailto only. Headings have the anchors that GitHub gives them, with the prefix `user-content-`. A README that cannot be rendered in time is shown as plain text, with a sentence that says so.',
      complexity: textPrice,
      resolve: async ({ sha256 }, _args, context) => {
        const { blobs, readmeWorkers: workers } = context
        const { html, isFinal } = await waitElsewhere(context, readReadmeHtml({ blobs, workers }, sha256))
        if (!isFinal) markVolatile(context)
        return html
      },
    }),
  }),
})
