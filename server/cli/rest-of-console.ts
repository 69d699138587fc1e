import { ObserveError } from './observe-error.ts'

/** What the console of a build puts before each line: the time since its start. */
const timeBefore = /^\d+\.\d{3}s:/

/**
 * The lines of a build's console behind the first `after`, from the text at `url`, without their times. Throws ObserveError if the
 * site does not give it.
 */
export async function* restOfConsole(
  url: URL,
  headers: Readonly<Record<string, string>>,
  after: number,
): AsyncGenerator<string, void, void> {
  const { body, ok, status } = await fetch(url, { headers })
  if (!ok || !body) throw new ObserveError(`${url.href} answers with the status ${status}`)
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let number = 0
  let begun = ''
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = `${begun}${decoder.decode(read.value, { stream: true })}`.split('\n')
    begun = lines.pop() ?? ''
    for (const line of lines) if (++number > after) yield line.replace(timeBefore, '')
  }
}
