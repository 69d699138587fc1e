import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { DomainError } from '../errors.ts'
import { parseVerifierKey, type NoteSigner } from '../formats/signing/signed-note.ts'

/** The file of witnesses cannot be used. The message says why. */
export class WitnessesFileError extends DomainError {
  override readonly name = 'WitnessesFileError'
}

/** Another site that watches the log. `url` is its address for logs, without `/add-checkpoint`. */
export type Witness = { signer: NoteSigner; url: string }

const File = z.array(z.strictObject({ vkey: z.string(), url: z.url({ protocol: /^https?$/ }) })).max(16)

/** Reads `[{"vkey": "NAME+ID+KEY", "url": "https://…/witness"}]`. Throws WitnessesFileError. */
export async function readWitnesses(file: string): Promise<Witness[]> {
  if (file === '') return []
  try {
    const witnesses = File.parse(JSON.parse(await readFile(file, 'utf8')))
    return witnesses.map(({ vkey, url }) => ({
      signer: parseVerifierKey(vkey, 'cosignature'),
      url: url.replace(/\/+$/, ''),
    }))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new WitnessesFileError(`the file of witnesses ${file} cannot be used: ${why}`, { cause: error })
  }
}
