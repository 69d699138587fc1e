import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, textPrice, toConnection, type ListOrder } from '../graphql/connection.ts'
import { markVolatile } from '../volatile.ts'
import { checkPlatform } from './schedule-input.ts'
import { seesScripts } from './scheduling-act.ts'
import {
  findTemplate,
  listTemplatePlatforms,
  templateKinds,
  templatePrefix,
  type FoundTemplate,
  type TemplateKind,
} from './templates.ts'

export const TemplateKindEnum = builder.enumType('TemplateKind', {
  description: 'What a template is for.',
  values: {
    BUILD: { description: 'Builds of opam packages.' },
    REBUILD: { description: 'Builds that are repeated from their recorded inputs.' },
  } satisfies Record<TemplateKind, object>,
})

const TemplateSource = builder.enumType('TemplateSource', {
  description: 'Where a template is.',
  values: {
    FILE: { description: 'A file in the configuration folder, which wins over the database.' },
    DATABASE: { description: 'The database, by `setTemplate`.' },
  } satisfies Record<FoundTemplate['source'], object>,
})

type Listed = { kind: TemplateKind; platform: string; source: FoundTemplate['source'] }

const Template = builder.objectRef<Listed>('Template').implement({
  description: 'What a worker executes for an opam package, or for a build that is repeated, on a platform.',
  fields: (t) => ({
    kind: t.expose('kind', { type: TemplateKindEnum, description: 'What it is for.' }),
    platformName: t.exposeString('platform', { description: 'Name of the platform.' }),
    source: t.expose('source', { type: TemplateSource, description: 'Where it is.' }),
    fileName: t.string({
      nullable: true,
      description: 'Name of the file in the configuration folder; null: it is in the database.',
      resolve: ({ kind, platform, source }) =>
        source === 'FILE' ? `${templatePrefix[kind]}${platform}` : null,
    }),
    content: t.string({
      nullable: true,
      description: 'Its text. Null for viewers without the right `schedule` or `admin:read`.',
      complexity: textPrice,
      async resolve({ kind, platform }, _args, context) {
        if (!(await seesScripts(context))) return null
        return (await findTemplate(context, kind, platform))?.content ?? null
      },
    }),
  }),
})

const TemplateConnection = builder.connectionObject(
  { type: Template, name: 'TemplateConnection', description: 'A page of templates, by platform.' },
  { name: 'TemplateEdge', description: 'A template in a list.' },
)

/** Names of platforms have no slash. */
const keyOf = ({ kind, platform }: Listed) => `${platform}/${kind}`
const order: ListOrder<Listed, string> = { name: 'template', keyOf, parseKey: (text) => text }

builder.queryFields((t) => ({
  template: t.field({
    type: Template,
    nullable: true,
    description: 'The template of a platform that counts; null: there is none.',
    args: {
      kind: t.arg({ type: TemplateKindEnum, required: true, description: 'What it is for.' }),
      platform: t.arg.string({ required: true, description: 'Name of the platform.' }),
    },
    async resolve(_root, { kind, platform }, context) {
      markVolatile(context)
      const found = await findTemplate(context, kind, checkPlatform(platform))
      return found && { kind, platform, source: found.source }
    },
  }),
  templates: t.connection(
    {
      type: Template,
      nullable: true,
      description: 'The templates of all platforms, by platform.',
      complexity: pageCost,
      async resolve(_root, args, context) {
        markVolatile(context)
        const page = parsePage(args, order)
        const { after, backward, before, limit } = page
        const lists = await Promise.all(
          templateKinds.map(async (kind) =>
            (await listTemplatePlatforms(context, kind)).map((one): Listed => ({ kind, ...one })),
          ),
        )
        const all = lists.flat().sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
        const between = all.filter(
          (one) => (after === null || keyOf(one) > after) && (before === null || keyOf(one) < before),
        )
        const shown = backward ? between.slice(-(limit + 1)) : between.slice(0, limit + 1)
        return { ...toConnection(shown, page, order), totalCount: () => all.length }
      },
    },
    TemplateConnection,
  ),
}))
