import { GraphQLError, valueFromASTUntyped, type ValueNode } from 'graphql'
import { badInput } from './bad-input.ts'
import { builder, type UploadedFile } from './builder.ts'
import { parseRfc3339 } from '../rfc3339.ts'

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
function patternScalar(
  name: 'UUID' | 'Sha256',
  pattern: RegExp,
  expected: string,
  specifiedByURL: string,
  description: string,
) {
  const parseValue = (value: unknown) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw badValue(name, expected, value)
    return value.toLowerCase()
  }
  builder.scalarType(name, {
    description,
    specifiedByURL,
    extensions: { codegenScalarType: 'string' },
    parseValue,
    parseLiteral: literalParser(parseValue),
    serialize: (value) => value,
  })
}

patternScalar(
  'UUID',
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'like 6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  'https://www.rfc-editor.org/rfc/rfc9562',
  'A UUID (RFC 9562) in its 36-character form, lower case.',
)
patternScalar(
  'Sha256',
  /^[0-9a-f]{64}$/i,
  '64 hexadecimal digits',
  'https://doi.org/10.6028/NIST.FIPS.180-4',
  'The SHA-256 of some content: 64 lower-case hexadecimal digits.',
)

function parseDateTime(value: unknown): Date {
  const date = typeof value === 'string' ? parseRfc3339(value) : null
  if (!date) throw badValue('DateTime', 'RFC 3339, like 2026-11-23T08:12:00Z', value)
  return date
}

builder.scalarType('DateTime', {
  description: 'A point in time, RFC 3339, in UTC with milliseconds: `2026-11-23T08:12:00.000Z`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  extensions: { codegenScalarType: 'string' },
  parseValue: parseDateTime,
  parseLiteral: literalParser(parseDateTime),
  serialize: (value) => value.toISOString(),
})

/** What JSON calls a number. */
const jsonNumber = 'https://www.rfc-editor.org/rfc/rfc8259#section-6'

builder.scalarType('ByteSize', {
  description: 'A number of bytes: an integer from 0 to 2^53, as a JSON number.',
  specifiedByURL: jsonNumber,
  extensions: { codegenScalarType: 'number' },
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw badValue('ByteSize', 'an integer from 0 to 2^53', value)
    }
    return value
  },
  serialize: (value) => Number(value),
})

builder.scalarType('ByteDelta', {
  description:
    'A difference of two numbers of bytes: an integer from -2^53 to 2^53, as a JSON number. Negative: it became smaller.',
  specifiedByURL: jsonNumber,
  extensions: { codegenScalarType: 'number' },
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw badValue('ByteDelta', 'an integer from -2^53 to 2^53', value)
    return value
  },
  serialize: (value) => value,
})

builder.scalarType('BigInt', {
  description: 'An integer of any size, as a JSON string of its decimal digits: `"-7"`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259#section-7',
  extensions: { codegenScalarType: 'string' },
  parseValue: (value) => {
    const isInteger =
      typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,19}$/.test(String(value))
    if (!isInteger) throw badValue('BigInt', 'an integer', value)
    return BigInt(String(value))
  },
  serialize: (value) => value.toString(),
})

/** A scalar that only answers have. */
function addressScalar(name: 'URL' | 'ResourcePath', specifiedByURL: string, description: string) {
  builder.scalarType(name, {
    description,
    specifiedByURL,
    extensions: { codegenScalarType: 'string' },
    parseValue: (value) => {
      if (typeof value !== 'string') throw badValue(name, 'a string', value)
      return value
    },
    serialize: (value) => value,
  })
}

addressScalar(
  'URL',
  'https://www.rfc-editor.org/rfc/rfc3986#section-3',
  'An absolute URL. Its origin is the one that the operator has set, else the host of the request: `https://builds.example.org/job/hello`.',
)
addressScalar(
  'ResourcePath',
  'https://www.rfc-editor.org/rfc/rfc3986#section-4.2',
  'A path on this server, percent-encoded: `/job/hello`. For pages of the same origin, and for answers that do not depend on the host.',
)

function isUploadedFile(value: unknown): value is UploadedFile {
  return typeof value === 'object' && value !== null && 'chunks' in value
}

builder.scalarType('File', {
  description:
    'A file of a multipart request (https://github.com/jaydenseric/graphql-multipart-request-spec). The server reads the file as it arrives, so the parts `operations` and `map` must come before it.',
  specifiedByURL: 'https://github.com/jaydenseric/graphql-multipart-request-spec',
  extensions: { codegenScalarType: 'File' },
  parseValue: (value) => {
    if (!isUploadedFile(value)) throw badValue('File', 'a part of a multipart request', value)
    return value
  },
  serialize: () => {
    throw new Error('a File is only ever sent to the server')
  },
})
