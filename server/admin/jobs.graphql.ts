import { builder } from '../graphql/builder.ts'
import { pageCost } from '../graphql/connection.ts'
import { JobConnection, Job, listJobs } from '../jobs/job.graphql.ts'
import { measureRemoval, type RemovalSize } from '../retention/build-removal.ts'
import { Administration } from './administration.graphql.ts'

const RemovalSizeRef = builder.objectRef<RemovalSize>('RemovalSize').implement({
  description: 'What a removal would take away.',
  fields: (t) => ({
    buildCount: t.exposeInt('buildCount', { description: 'Number of builds; 0: there is nothing.' }),
    pinnedCount: t.exposeInt('pinnedCount', {
      description: 'How many of them are pinned: as long as some are, nothing is removed.',
    }),
    bytes: t.expose('bytes', {
      type: 'ByteSize',
      description: 'Bytes of their files and texts. What other builds have, too, stays.',
    }),
  }),
})

const AdministeredJobFilter = builder.inputType('AdministeredJobFilter', {
  description: 'Filter for jobs. A job must meet all given conditions.',
  fields: (t) => ({
    search: t.string({ description: 'Text that the name or the synopsis contains. At most 200 characters.' }),
    isHidden: t.boolean({ description: 'True: only hidden jobs. False: only jobs that are not hidden.' }),
  }),
})

builder.objectFields(Administration, (t) => ({
  jobs: t.connection(
    {
      type: Job,
      description: 'Jobs by name, hidden ones, too.',
      args: { filter: t.arg({ type: AdministeredJobFilter, description: 'Which jobs to list.' }) },
      complexity: pageCost,
      resolve: (_admin, args, context, info) => {
        const { search, isHidden = null } = args.filter ?? {}
        return listJobs(args, { search, isHidden }, context, info)
      },
    },
    JobConnection,
  ),
  jobRemoval: t.field({
    type: RemovalSizeRef,
    description: 'What the removal of a job would take away.',
    args: { name: t.arg.string({ required: true, description: 'Name of the job.' }) },
    complexity: 100,
    resolve: (_admin, { name }, { db }) => measureRemoval(db, { job: { name } }),
  }),
  buildRemoval: t.field({
    type: RemovalSizeRef,
    description: 'What the removal of a build would take away.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: 'UUID of the build.' }) },
    complexity: 10,
    resolve: (_admin, { uuid }, { db }) => measureRemoval(db, { uuid }),
  }),
}))
