/** A line that stands for itself: an item of a list, or indented, as code is. */
const ownLine = /^(\s|[-*+•·–] |\d{1,3}[.)] )/

/**
 * A text whose author broke its lines at some width, without these breaks: the page breaks lines where it is wide
 * enough. Empty lines, items of lists and indented lines stay.
 */
export function reflow(text: string): string {
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.trimEnd())
  return lines.reduce((flowed, line, index) => {
    if (index === 0) return line
    const before = lines[index - 1] ?? ''
    const goesOn = line !== '' && before !== '' && !/^\s/.test(before) && !ownLine.test(line)
    return `${flowed}${goesOn ? ' ' : '\n'}${line}`
  }, '')
}
