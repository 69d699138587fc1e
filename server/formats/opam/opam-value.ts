/*
 * The content of an opam file, without its layout. The grammar: opam manual, "Common file format"
 * (https://opam.ocaml.org/doc/Manual.html#Common-file-format).
 */

/** `~` is the manual's "semantic" comparison, reserved but part of the syntax. */
export type RelationalOperator = '=' | '!=' | '>=' | '>' | '<=' | '<' | '~'
export type LogicalOperator = '&' | '|'
export type PrefixOperator = '!' | '?'
/** `NAME = "value"` has the syntax of a comparison, and is read as one. */
export type EnvironmentOperator = '+=' | ':=' | '=+' | '=:' | '=+='

export type OpamAtom =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ident'; readonly name: string }

/**
 * A value of a field. `&` and `|` are left-associative, as in opam.
 * No value is nested deeper than `limits.depth` of the parser, so recursion over it is safe.
 */
export type OpamValue =
  | OpamAtom
  | { readonly kind: 'list'; readonly values: readonly OpamValue[] }
  | { readonly kind: 'group'; readonly values: readonly OpamValue[] }
  | { readonly kind: 'option'; readonly value: OpamValue; readonly options: readonly OpamValue[] }
  | {
      readonly kind: 'relation'
      readonly op: RelationalOperator
      readonly left: OpamAtom
      readonly right: OpamAtom
    }
  | { readonly kind: 'prefix-relation'; readonly op: RelationalOperator; readonly right: OpamAtom }
  | {
      readonly kind: 'logical'
      readonly op: LogicalOperator
      readonly left: OpamValue
      readonly right: OpamValue
    }
  | { readonly kind: 'prefix'; readonly op: PrefixOperator; readonly value: OpamValue }
  | {
      readonly kind: 'environment'
      readonly op: EnvironmentOperator
      readonly left: OpamAtom
      readonly right: OpamAtom
    }

/** `at` is the index of the field's name in the text. */
export type OpamField = {
  readonly kind: 'field'
  readonly name: string
  readonly value: OpamValue
  readonly at: number
}

/** `type "name" { items }`; `name` is null where there is none. `at` is the index of its type. */
export type OpamSection = {
  readonly kind: 'section'
  readonly type: string
  readonly name: string | null
  readonly items: readonly OpamItem[]
  readonly at: number
}

export type OpamItem = OpamField | OpamSection

/** The value of a field. If the field occurs twice, the last one counts. Null if it is absent. */
export function findField(items: readonly OpamItem[], name: string): OpamValue | null {
  const field = items.findLast((item) => item.kind === 'field' && item.name === name)
  return field?.kind === 'field' ? field.value : null
}

/** Sections of a type, in the file's order. */
export function findSections(items: readonly OpamItem[], type: string): OpamSection[] {
  return items.filter((item): item is OpamSection => item.kind === 'section' && item.type === type)
}

/** The values of a list. As everywhere in opam, a value that is not a list counts as a list of one element. */
export function asList(value: OpamValue | null): readonly OpamValue[] {
  if (value === null) return []
  return value.kind === 'list' ? value.values : [value]
}
