import { readdirSync, readFileSync } from 'node:fs'
import { corpusPath } from './corpus.ts'

/** The switches of the corpus, by their folders: `albatross/202506`. */
export function corpusSwitches(): { name: string; read: (file: string) => Buffer }[] {
  return readdirSync(corpusPath('switches')).flatMap((job) =>
    readdirSync(corpusPath('switches', job)).map((version) => ({
      name: `${job}/${version}`,
      read: (file) => readFileSync(corpusPath('switches', job, version, file)),
    })),
  )
}
