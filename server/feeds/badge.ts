import type { DescribedBuild } from '../builds/describe-build.ts'
import { formatByteSize } from '../byte-size.ts'
import { xmlText } from './xml-text.ts'

/** Dark enough for white letters. */
const colours = { good: '#1a7f37', bad: '#cf222e', quiet: '#57606a' }

/**
 * An SVG that says how the newest build went, how well it is confirmed, and how large its main binary
 * is. Null: there is no build yet.
 */
export async function badge(label: string, newest: DescribedBuild | null): Promise<string> {
  // A megabyte of letters' widths: loaded for the first badge, so that the server starts sooner.
  const { makeBadge } = await import('badge-maker')
  const { message, color } = newest ? describe(newest) : { message: 'no builds', color: colours.quiet }
  return makeBadge({ label: xmlText(label), message, color, style: 'flat' })
}

function describe(build: DescribedBuild): { message: string; color: string } {
  if (build.status !== 'SUCCEEDED') return { message: 'failed', color: colours.bad }
  if (build.mainBinarySizeBytes === null) return { message: 'succeeded', color: colours.good }
  const message = `${build.grade.brief}, ${formatByteSize(build.mainBinarySizeBytes)}`
  switch (build.grade.kind) {
    case 'CONFIRMED':
    case 'REPEATED':
      return { message, color: colours.good }
    case 'DISPUTED':
      return { message, color: colours.bad }
    default:
      return { message, color: colours.quiet }
  }
}
