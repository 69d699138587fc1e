import { builder } from '../graphql/builder.ts'
import type { ChangeCounts, DiffSummary as Summary } from './summarize.ts'

export const OutputChange = builder.enumType('OutputChange', {
  description: 'How the main binary changed from the left build to the right build.',
  values: {
    SAME: { description: 'Both have the same.' },
    CHANGED: { description: 'Its content changed.' },
    ONLY_LEFT: { description: 'Only the left build has one.' },
    ONLY_RIGHT: { description: 'Only the right build has one.' },
    NONE: { description: 'Neither build has one.' },
  },
})

const ChangeCountsType = builder.objectRef<ChangeCounts>('ChangeCounts').implement({
  description: 'Number of changes of each kind; 0 also for parts that could not be compared.',
  fields: (t) => ({
    packagesUpgraded: t.exposeInt('packagesUpgraded', { description: 'Opam packages at a newer version.' }),
    packagesDowngraded: t.exposeInt('packagesDowngraded', {
      description: 'Opam packages at an older version.',
    }),
    packagesRespelled: t.exposeInt('packagesRespelled', {
      description: 'Opam packages whose version is spelled otherwise, like `1.0` and `1.00`.',
    }),
    packagesAdded: t.exposeInt('packagesAdded', { description: 'Opam packages that only the right has.' }),
    packagesRemoved: t.exposeInt('packagesRemoved', { description: 'Opam packages that only the left has.' }),
    packagesChanged: t.exposeInt('packagesChanged', {
      description: 'Opam packages at the same version whose opam file changed effectively.',
    }),
    duniverse: t.exposeInt('duniverse', { description: 'Vendored folders added, removed or changed.' }),
    environment: t.exposeInt('environment', {
      description: 'Environment variables added, removed or changed.',
    }),
    systemPackages: t.exposeInt('systemPackages', {
      description: 'System packages added, removed or at another version.',
    }),
    scriptLines: t.exposeInt('scriptLines', { description: 'Lines of the build script added or removed.' }),
    artifacts: t.exposeInt('artifacts', {
      description: 'Artifacts added, removed or changed; the main binary, too.',
    }),
  }),
})

export const DiffSummary = builder.objectRef<Summary>('DiffSummary').implement({
  description: 'Summary of a comparison.',
  fields: (t) => ({
    text: t.exposeString('text', {
      description:
        'The most important things to know, in some short sentences: ' +
        '`The output changed. Only the build environment changed: 2 environment variables changed.`',
    }),
    headline: t.exposeString('headline', {
      description:
        'What changed in the inputs, in half a line that goes on after "changed:", the most important first: ' +
        '`dns 7.0.2 → 7.0.3, 2 more packages; 14 system packages`, `only the build environment`, ' +
        '`nothing that is recorded`. Very long names are cut.',
    }),
    output: t.expose('output', { type: OutputChange, description: 'How the main binary changed.' }),
    counts: t.field({
      type: ChangeCountsType,
      description: 'What changed, in numbers.',
      resolve: ({ counts }) => counts,
    }),
  }),
})
