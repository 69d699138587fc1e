import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql'
import { pino } from 'pino'
import { beforeAll, expect, test } from 'vitest'
import { seedBuilds } from '../../bench/seed.ts'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { projectDir, testApp, type TestApp } from '../app.ts'

/** Jobs of the site, and builds of each: as many as the largest page shows, each with an output of its own. */
const [jobCount, buildCount] = [100, 60]

let app: TestApp
let schema: GraphQLSchema
/** Messages of what failed on the server: bugs. */
let failures: string[]

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-largest-'))
  const databaseFile = join(dir, 'seeded.sqlite3')
  seedBuilds({ path: dir, databaseFile, remove() {} }, jobCount, buildCount, 1)
  migrateDatabase(databaseFile, join(projectDir, 'prisma/migrations'))
  const log = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) })
  const database = await openDatabase(databaseFile)
  app = await testApp({ database, log, keep: true })
  const { data } = await app.graphql(getIntrospectionQuery())
  schema = buildClientSchema(data as IntrospectionQuery)
  return async () => {
    await app.close()
    await database.closeDatabase()
    rmSync(dir, { recursive: true, force: true })
  }
})

/** A query around a selection, for pages of `size`. */
type Place = { type: string; around: (selection: string, size: number) => string }

const jobs: Place = {
  type: 'Job',
  around: (selection, size) => `{ jobs(first: ${size}) { nodes { ${selection} } } }`,
}
const platforms: Place = {
  type: 'Platform',
  around: (selection, size) => `{ platforms(first: ${size}) { nodes { ${selection} } } }`,
}
const jobName = (number: number) => `"job-${String(number).padStart(3, '0')}"`
const namedJobs: Place = {
  type: 'Job',
  around: (selection, size) =>
    `{ jobsByName(names: [${Array.from({ length: size }, (_, n) => jobName(n)).join(' ')}]) { ${selection} } }`,
}
const inside = (outer: Place, type: string, field: (size: number) => string): Place => ({
  type,
  around: (selection, size) => outer.around(`${field(size)} { ${selection} }`, size),
})
const builds = inside(jobs, 'Build', (size) => `builds(first: ${size}) { nodes`)
const closing = (place: Place): Place => ({
  ...place,
  around: (selection, size) => place.around(`${selection} }`, size),
})
const places = [
  jobs,
  namedJobs,
  platforms,
  closing(builds),
  closing(inside(jobs, 'JobOutput', (size) => `outputs(first: ${size}) { nodes`)),
  closing(inside(platforms, 'Build', (size) => `builds(first: ${size}) { nodes`)),
  inside(jobs, 'JobPlatform', () => 'standings'),
]

/** The smallest selection that has a field answered, with a whole page where the field is a list. */
function selectionOf({ name, args, type }: GraphQLField<unknown, unknown>, size: number): string {
  const given = args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${exampleOf(arg.name)}`)
  if (args.some((arg) => arg.name === 'first')) given.push(`first: ${size}`)
  const list = given.length > 0 ? `(${given.join(', ')})` : ''
  const named = getNamedType(type)
  if (isLeafType(named)) return `${name}${list}`
  const nodes = isObjectType(named) && 'nodes' in named.getFields() ? 'nodes { __typename }' : ''
  return `${name}${list} { __typename ${nodes} }`
}

const examples: Record<string, string> = { path: '"opam-switch"', sha256: `"${'0'.repeat(64)}"` }

function exampleOf(argument: string): string {
  const example = examples[argument]
  if (!example) throw new Error(`no example of the argument ${argument}: add one to this test`)
  return example
}

/** The largest page that the limits of an operation let through; the answer to it. */
async function askLargest(place: Place, field: GraphQLField<unknown, unknown>) {
  for (let size = 100; size >= 1; size = Math.floor(size / 1.5)) {
    const answer = await app.graphql(place.around(selectionOf(field, size), size))
    const isTooCostly = answer.errors?.some(({ extensions }) => /_LIMIT$/.test(String(extensions?.['code'])))
    if (!isTooCostly) return { size, answer }
  }
  throw new Error(`${field.name} is refused at any size`)
}

test.each(places.map((place) => [place.around('…', 1), place] as const))(
  'every field is answered at its largest legal page size: %s',
  async (_name, place) => {
    const type = schema.getType(place.type)
    if (!isObjectType(type)) throw new Error(`no type ${place.type}`)
    const unanswered: string[] = []
    for (const field of Object.values(type.getFields())) {
      failures = []
      const { size, answer } = await askLargest(place, field)
      // The seeded builds have no content: a blob that is missing is said to be so, and is no fault of the page.
      const bugs = failures.filter((line) => !/is missing/.test(line))
      const errors = answer.errors?.filter(({ message }) => message !== 'Unexpected error.') ?? []
      if (bugs.length > 0 || errors.length > 0)
        unanswered.push(`${field.name} at ${size}: ${bugs[0]?.slice(0, 300) ?? errors[0]?.message}`)
    }
    expect(unanswered).toEqual([])
  },
)
