import { Build } from '../builds/build.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { buildPath } from '../paths.ts'
import { printScript, word } from './print-script.ts'
import { findRebuildPlan, type NoPlan, type RebuildPlan } from './rebuild-plan.ts'

type Shown = { plan: RebuildPlan | NoPlan; url: string }

const planOf = ({ plan }: Shown) => ('reason' in plan ? null : plan)

const Rebuild = builder.objectRef<Shown>('Rebuild').implement({
  description: 'How everybody can build something again, and compare.',
  fields: (t) => ({
    reason: t.string({
      nullable: true,
      description: 'Why there is no script. Null: there is one.',
      resolve: ({ plan }) => ('reason' in plan ? plan.reason : null),
    }),
    script: t.string({
      nullable: true,
      description: 'The whole script, for a POSIX shell.',
      resolve: (shown) => {
        const plan = planOf(shown)
        return plan && printScript(plan)
      },
    }),
    command: t.string({
      nullable: true,
      description: 'One line that downloads the script, and runs it.',
      resolve: (shown) => (planOf(shown) ? `curl -fsSL ${word(shown.url)} | sh` : null),
    }),
    url: t.field({
      type: 'URL',
      nullable: true,
      description: 'Where to download the script.',
      resolve: (shown) => (planOf(shown) ? shown.url : null),
    }),
    image: t.string({
      nullable: true,
      description: 'The image of the container. Null: it runs in none.',
      resolve: (shown) => {
        const machine = planOf(shown)?.machine
        return machine?.kind === 'container' ? machine.image : null
      },
    }),
    snapshot: t.string({
      nullable: true,
      description:
        'The time whose system packages it takes, as snapshot archives name it. Null: those of now.',
      resolve: (shown) => {
        const machine = planOf(shown)?.machine
        return machine?.kind === 'container' ? machine.snapshot : null
      },
    }),
  }),
})

builder.prismaObjectField(Build, 'rebuild', (t) =>
  t.field({
    type: Rebuild,
    nullable: true,
    description: 'How to build it again, and compare. Null: it was removed just now.',
    complexity: { field: 2 * batchPrice, multiplier: 1 },
    select: { uuid: true, job: { select: { name: true } } },
    async resolve({ uuid, job }, _args, { db, blobs, siteUrl }) {
      const plan = await findRebuildPlan({ db, blobs }, uuid, siteUrl)
      return plan && { plan, url: `${siteUrl}${buildPath(job.name, uuid)}/rebuild.sh` }
    },
  }),
)
