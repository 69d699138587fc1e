export type Token =
  | 'identifier'
  | 'string'
  | 'int'
  | 'bool'
  | 'relation'
  | 'environment'
  | 'prefix'
  | '&'
  | '|'
  | ':'
  | '{'
  | '}'
  | '['
  | ']'
  | '('
  | ')'
  | 'end'

export const operators: ReadonlyMap<string, Token> = new Map<string, Token>([
  ...['=', '!=', '>=', '>', '<=', '<', '~'].map((op) => [op, 'relation'] as const),
  ...['+=', ':=', '=+', '=:', '=+='].map((op) => [op, 'environment'] as const),
  ...['!', '?'].map((op) => [op, 'prefix'] as const),
  ...(['&', '|', ':'] as const).map((op) => [op, op] as const),
])

/** Tokens that a value can start with. */
export const valueStarts: ReadonlySet<Token> = new Set<Token>([
  'identifier',
  'string',
  'int',
  'bool',
  'relation',
  'prefix',
  '[',
  '(',
])

/** Name of a token in error messages. */
export function describeToken(token: Token, value: string): string {
  switch (token) {
    case 'end':
      return 'end of file'
    case 'string':
      return 'string'
    case 'identifier':
    case 'int':
    case 'bool':
      return value.length > 50 ? `${value.slice(0, 50)}…` : value
    default:
      return `"${value}"`
  }
}
