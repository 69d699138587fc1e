/** A step of a range: from this version on the issue is there (`introduced`), or not any more (`fixed`, after `last_affected`). */
export type OsvEvent = { kind: 'introduced' | 'fixed' | 'last_affected'; version: string }

/** What an advisory says of a package. */
export type OsvAffected = {
  ecosystem: string
  name: string
  /** Each has its events in the order of the file. */
  ranges: OsvEvent[][]
  versions: string[]
  /** Functions with the issue, as paths of OCaml: `Cohttp.Path.resolve_local_file`. */
  bindings: string[]
}

export type OsvAdvisory = {
  id: string
  modified: Date
  published: Date | null
  withdrawn: Date | null
  /** Ids in other databases, such as those of CVE. */
  aliases: string[]
  summary: string
  /** Markdown, of whoever wrote the advisory. */
  details: string
  severity: { type: string; score: string }[]
  affected: OsvAffected[]
  references: { type: string; url: string }[]
  credits: string[]
}
