import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DocumentNode,
  type InlineFragmentNode,
  isObjectType,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { schema } from '../../server/schema.ts'
import { projectDir, type TestApp } from '../app.ts'
import { sha256, siteOf, uuidOf } from './graphql-site.ts'

// What it costs to say on a page who confirms a build, and what is signed about it: in SQL statements, against the same operation without.

const trustFields = new Set(['attestations', 'grade', 'trust'])

/** The most that each operation spends on it: lists nothing, a build two, and the newest output of a job as well. */
const costs: Record<string, number> = {
  ...{ BuildPage: 2, BuildRelationsPart: 0, ComparePage: 0, FailedBuildsPage: 0, HomePage: 0, JobBuilds: 0 },
  ...{
    JobCard: 2,
    JobOutputs: 0,
    JobStrip: 0,
    PickerList: 0,
    PlatformPage: 0,
    SearchPage: 0,
    Suggestions: 0,
  },
}

const variables = {
  ...{
    uuid: uuidOf(4),
    left: uuidOf(4),
    right: uuidOf(1),
    sha256: sha256('shared'),
    text: 'job',
    job: 'job-01',
  },
  ...{ filter: {}, first: 50, fixedSince: '2026-01-01T00:00:00Z', withIncidents: true },
}

const nameOf = (document: DocumentNode) =>
  document.definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? [one.name?.value] : [],
  )[0] ?? ''

const file = join(projectDir, 'web/gql/persisted-documents.json')
const documents = new Map(
  Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>).map((text) => {
    const document = parse(text)
    return [nameOf(document), document]
  }),
)

function parseFields(fields: string): InlineFragmentNode {
  return { kind: Kind.INLINE_FRAGMENT, selectionSet: parseSelection(`{ ${fields} }`) }
}

function parseSelection(text: string): SelectionSetNode {
  const [definition] = parse(text).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`no selection: ${text}`)
  return definition.selectionSet
}

/** The operation without these fields. In the place of a grade are the verdict and the number of builds. */
function withoutTrust(document: DocumentNode): string {
  const types = new TypeInfo(schema)
  const less = visit(
    document,
    visitWithTypeInfo(types, {
      Field({ name }) {
        if (!trustFields.has(name.value)) return undefined
        const parent = types.getParentType()
        const isGraded = isObjectType(parent) && 'verdict' in parent.getFields()
        return parseFields(isGraded ? 'verdict buildCount' : '__typename')
      },
    }),
  )
  return Object.values(separateOperations(less)).map(print).join('\n')
}

let site: TestApp
beforeAll(async () => {
  site = await siteOf(2, 300)
})
afterAll(() => site.close())

async function statementsOf(name: string, text: string): Promise<number> {
  site.takeQueries()
  const { errors } = await site.graphql(text, {
    ...variables,
    name: name === 'PlatformPage' ? 'debian-12' : 'job-01',
  })
  expect(errors).toBeUndefined()
  return site.takeQueries().length
}

test('each operation of the application that shows it is here', () => {
  const names = [...documents].flatMap(([name, document]) =>
    withoutTrust(document) === print(document) ? [] : [name],
  )
  expect(names.toSorted()).toEqual([...Object.keys(costs), 'HashPage'].toSorted())
})

test.each(Object.entries(costs))('%s spends at most %i statements more for it', async (name, most) => {
  const document = documents.get(name)
  if (!document) throw new Error(`the application has no operation ${name}`)
  const [all, less] = [
    await statementsOf(name, print(document)),
    await statementsOf(name, withoutTrust(document)),
  ]
  expect(less).toBeGreaterThan(0)
  expect(all - less).toBeLessThanOrEqual(most)
})
