import { diffTexts } from '../diffs/text-diff.ts'
import { TextDiff } from '../diffs/text-diff.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { parsePage, pageCost, textPrice, toConnection } from '../graphql/connection.ts'
import { findScheduleVersions, findTemplateVersions, type Version } from './list-versions.ts'
import { seesScripts } from './scheduling-act.ts'
import { TemplateKindEnum } from './templates.graphql.ts'

const DefinitionVersion = builder.objectRef<Version>('DefinitionVersion').implement({
  description: 'What a schedule or a template was from some time on.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'Its number, from 1.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When somebody has changed it.' }),
    changedBy: t.exposeString('actor', {
      nullable: true,
      description: 'Name of the user; null: the hub itself, or somebody without a name.',
    }),
    isRemoval: t.exposeBoolean('isRemoval', { description: 'Whether it was removed.' }),
    text: t.string({
      nullable: true,
      description: 'It as text, with its script; at most 256 KiB of that. Null: it was removed.',
      complexity: textPrice,
      resolve: ({ readText }) => readText(),
    }),
    changes: t.field({
      type: TextDiff,
      description: 'How the text differs from that of the version before.',
      complexity: textPrice,
      async resolve({ readText, readTextBefore }) {
        const [before, after] = await Promise.all([readTextBefore(), readText()])
        return diffTexts(before ?? '', after ?? '', { characters: 100_000, milliseconds: 200 })
      },
    }),
  }),
})

const DefinitionVersionConnection = builder.connectionObject(
  { type: DefinitionVersion, name: 'DefinitionVersionConnection', description: 'A page of versions.' },
  { name: 'DefinitionVersionEdge', description: 'A version in a list.' },
)

const order = {
  name: 'version',
  keyOf: ({ version }: Version) => String(version),
  parseKey: (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : null),
}

builder.queryFields((t) => ({
  scheduleVersions: t.connection(
    {
      type: DefinitionVersion,
      nullable: true,
      description:
        'What the schedule of a job was, the newest version first, also after it was removed. Null for viewers without the right `schedule` or `admin:read`.',
      args: { job: t.arg.string({ required: true, description: 'Name of the job.' }) },
      complexity: pageCost,
      async resolve(_root, { job, ...args }, context) {
        const page = parsePage(args, order)
        const { db } = context
        if (!(await seesScripts(context))) return null
        return {
          ...toConnection(await findScheduleVersions(db, job, page), page, order),
          totalCount: () => db.scheduleVersion.count({ where: { job } }),
        }
      },
    },
    DefinitionVersionConnection,
  ),
  templateVersions: t.connection(
    {
      type: DefinitionVersion,
      nullable: true,
      description:
        'What a template in the database was, the newest version first. Null for viewers without the right `schedule` or `admin:read`.',
      args: {
        kind: t.arg({ type: TemplateKindEnum, required: true, description: 'What it is for.' }),
        platform: t.arg.string({ required: true, description: 'Name of the platform.' }),
      },
      complexity: pageCost,
      async resolve(_root, { kind, platform, ...args }, context) {
        const page = parsePage(args, order)
        const { db } = context
        if (!(await seesScripts(context))) return null
        return {
          ...toConnection(await findTemplateVersions(db, { kind, platform }, page), page, order),
          totalCount: () => db.template.count({ where: { kind, platform } }),
        }
      },
    },
    DefinitionVersionConnection,
  ),
}))
