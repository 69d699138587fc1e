import { GraphQLError, valueFromASTUntyped, type ValueNode } from 'graphql'
import { badInput } from './bad-input.ts'
import { builder, type UploadedFile } from './builder.ts'

function badValue(scalar: string, expected: string, value: unknown): GraphQLError {
  const shown = JSON.stringify(value)?.slice(0, 100)
  return badInput(`${scalar} must be ${expected}, not ${shown}`)
}

/** Parses a literal of a scalar in the operation like a variable. Errors have its position. */
function literalParser<Value>(parseValue: (value: unknown) => Value) {
  return (node: ValueNode, variables?: Record<string, unknown> | null): Value => {
    try {
      return parseValue(valueFromASTUntyped(node, variables))
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      throw new GraphQLError(error.message, { nodes: [node], extensions: error.extensions })
    }
  }
}

/** A scalar that is a string with a pattern. */
function patternScalar(name: 'UUID' | 'Sha256', pattern: RegExp, expected: string, description: string) {
  const parseValue = (value: unknown) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw badValue(name, expected, value)
    return value.toLowerCase()
  }
  builder.scalarType(name, {
    description,
    parseValue,
    parseLiteral: literalParser(parseValue),
    serialize: (value) => value,
  })
}

patternScalar(
  'UUID',
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'like 6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  'A UUID (RFC 9562) in its 36-character form, lower case.',
)
patternScalar(
  'Sha256',
  /^[0-9a-f]{64}$/i,
  '64 hexadecimal digits',
  'The SHA-256 of some content: 64 lower-case hexadecimal digits.',
)

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

function parseDateTime(value: unknown): Date {
  const [text, year, month, day] = (typeof value === 'string' && rfc3339.exec(value)) || []
  const date = new Date(text ?? NaN)
  // Date accepts 30 February and converts it to 2 March.
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number.isNaN(date.getTime()) || Number(day) > daysInMonth)
    throw badValue('DateTime', 'RFC 3339, like 2026-11-23T08:12:00Z', value)
  return date
}

builder.scalarType('DateTime', {
  description: 'A point in time, RFC 3339, in UTC with milliseconds: `2026-11-23T08:12:00.000Z`.',
  parseValue: parseDateTime,
  parseLiteral: literalParser(parseDateTime),
  serialize: (value) => value.toISOString(),
})

builder.scalarType('ByteSize', {
  description: 'A number of bytes: an integer up to 2^53.',
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw badValue('ByteSize', 'an integer from 0 to 2^53', value)
    }
    return value
  },
  serialize: (value) => Number(value),
})

builder.scalarType('BigInt', {
  description:
    'An integer. A JSON number when it lies between -2^53 and 2^53, else a string of its decimal digits.',
  parseValue: (value) => {
    const isInteger =
      typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,19}$/.test(String(value))
    if (!isInteger) throw badValue('BigInt', 'an integer', value)
    return BigInt(String(value))
  },
  serialize: (value) => {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  },
})

builder.scalarType('URL', {
  description: 'A URL relative to the origin of this server, percent-encoded: `/job/hello/build/latest`.',
  parseValue: (value) => {
    if (typeof value !== 'string') throw badValue('URL', 'a string', value)
    return value
  },
  serialize: (value) => value,
})

function isUploadedFile(value: unknown): value is UploadedFile {
  return typeof value === 'object' && value !== null && 'chunks' in value
}

builder.scalarType('File', {
  description:
    'A file of a multipart request (https://github.com/jaydenseric/graphql-multipart-request-spec). The server reads the file as it arrives, so the parts `operations` and `map` must come before it.',
  parseValue: (value) => {
    if (!isUploadedFile(value)) throw badValue('File', 'a part of a multipart request', value)
    return value
  },
  serialize: () => {
    throw new Error('a File is only ever sent to the server')
  },
})
