import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failureClasses, type FailureClass } from '../../../server/analyses/failure/failure-rule.ts'

/** How the console of a failed build ends, and the class that it shows. */
export type FailureConsole = { file: string; name: string; class: FailureClass; text: string }

const folder = join(import.meta.dirname, '../../fixtures/failure-consoles')

/**
 * The consoles of test/fixtures/failure-consoles. A line `%% CLASS name` heads each; `␛` stands for an escape,
 * `␍` for a carriage return.
 */
export function failureConsoles(): FailureConsole[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split(/^%% /m)
        .slice(1)
        .map((part) => toConsole(file, part)),
    )
}

function toConsole(file: string, part: string): FailureConsole {
  const end = part.indexOf('\n')
  const [, word, name] = /^(\w+) (.+)$/.exec(part.slice(0, end)) ?? []
  const failureClass = failureClasses.find((one) => one === word)
  if (!failureClass || !name) throw new Error(`${file}: not a class and a name: ${part.slice(0, end)}`)
  const text = part
    .slice(end + 1)
    .replaceAll('␛', '\x1b')
    .replaceAll('␍', '\r')
  return { file, name, class: failureClass, text }
}
