import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLNamedType,
} from 'graphql'
import { expect, test } from 'vitest'
import { printedSchema } from '../../server/print-schema.ts'
import { schema } from '../../server/schema.ts'
import { projectDir } from '../app.ts'

test('schema.graphql is what the code prints', () => {
  expect(readFileSync(join(projectDir, 'schema.graphql'), 'utf8')).toBe(printedSchema())
})

type Described = { description?: string | null }

/** Everything of a type that documentation shows, by its path: `Job.builds(first:)`. */
function* partsOf(type: GraphQLNamedType): Generator<[path: string, part: Described]> {
  yield [type.name, type]
  if (isEnumType(type)) {
    for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value]
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) yield [`${type.name}.${field.name}`, field]
  } else if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      const path = `${type.name}.${field.name}`
      yield [path, field]
      for (const argument of field.args) yield [`${path}(${argument.name}:)`, argument]
    }
  }
}

const ownTypes = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
)

test('every type, field, argument, input and value has a description', () => {
  const parts = ownTypes.flatMap((type) => [...partsOf(type)])
  expect(parts.length).toBeGreaterThan(150)
  expect(parts.filter(([, { description }]) => !description?.trim()).map(([path]) => path)).toEqual([])
})

test('every connection has edges, nodes, a total and page info', () => {
  const connections = ownTypes.filter(isObjectType).filter(({ name }) => name.endsWith('Connection'))
  expect(connections.length).toBeGreaterThanOrEqual(4)
  for (const connection of connections) {
    const fields = Object.keys(connection.getFields())
    expect(fields, connection.name).toEqual(
      expect.arrayContaining(['edges', 'nodes', 'pageInfo', 'totalCount']),
    )
  }
})
