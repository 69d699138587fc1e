import * as z from 'zod'
import type { OsvAdvisory } from '../formats/osv/advisory.ts'

/** What the row of an advisory keeps of its file, as JSON. */
export type AdvisoryContent = Pick<
  OsvAdvisory,
  'aliases' | 'details' | 'severity' | 'affected' | 'references' | 'credits'
>

const texts = z.array(z.string())

const content: z.ZodType<AdvisoryContent> = z.object({
  aliases: texts,
  details: z.string(),
  severity: z.array(z.object({ type: z.string(), score: z.string() })),
  affected: z.array(
    z.object({
      ...{ ecosystem: z.string(), name: z.string(), versions: texts, bindings: texts },
      ranges: z.array(
        z.array(z.object({ kind: z.enum(['introduced', 'fixed', 'last_affected']), version: z.string() })),
      ),
    }),
  ),
  references: z.array(z.object({ type: z.string(), url: z.string() })),
  credits: texts,
})

export const printContent = (advisory: OsvAdvisory): string => {
  const { aliases, details, severity, affected, references, credits } = advisory
  return JSON.stringify({ aliases, details, severity, affected, references, credits })
}

export const readContent = (json: string): AdvisoryContent => content.parse(JSON.parse(json))
