import { builder } from '../graphql/builder.ts'
import { textPrice } from '../graphql/connection.ts'
import { diffConsoles, type ConsoleChange, type ConsoleChanges } from './diff-consoles.ts'

const ConsoleChangeType = builder.objectRef<ConsoleChange>('ConsoleChange').implement({
  description: 'A package or an opam repository that the consoles of two builds name differently.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', {
      nullable: true,
      description: 'Its version or commit in the left console. Null: that does not name it.',
    }),
    right: t.exposeString('right', {
      nullable: true,
      description: 'Its version or commit in the right console. Null: that does not name it.',
    }),
  }),
})

const ConsoleChangesType = builder.objectRef<ConsoleChanges>('ConsoleChanges').implement({
  description: 'What opam chose in two builds, as their consoles tell.',
  fields: (t) => ({
    packages: t.field({
      type: [ConsoleChangeType],
      nullable: true,
      description: 'Packages with another version. Null: a console names no packages.',
      resolve: ({ packages }) => packages,
    }),
    repositories: t.field({
      type: [ConsoleChangeType],
      nullable: true,
      description: 'Opam repositories at another commit. Null: a console names none.',
      resolve: ({ repositories }) => repositories,
    }),
  }),
})

builder.queryField('consoleChanges', (t) =>
  t.field({
    type: ConsoleChangesType,
    nullable: true,
    description:
      'Which packages and repositories the consoles of two builds name differently: for failed builds, which left no opam switch. Null when one of the builds does not exist.',
    args: {
      left: t.arg({ type: 'UUID', required: true, description: 'UUID of the first build.' }),
      right: t.arg({ type: 'UUID', required: true, description: 'UUID of the second build.' }),
    },
    complexity: textPrice,
    resolve: (_root, { left, right }, context) => diffConsoles(context, left, right),
  }),
)
