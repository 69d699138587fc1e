// A plugin of graphql-codegen that lists the object types of each interface and union of the schema. Apollo's
// cache needs the list to match fragments on such a type. Fragments on results of mutations are on their members: leaving
// out these unions keeps the first load small.
import { isAbstractType, isUnionType } from 'graphql'

export function plugin(schema) {
  const abstractTypes = Object.values(schema.getTypeMap()).filter(
    (type) => isAbstractType(type) && !(isUnionType(type) && type.name.endsWith('Result')),
  )
  const possibleTypes = Object.fromEntries(
    abstractTypes.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
  )
  return `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(possibleTypes, null, 2)}`
}
