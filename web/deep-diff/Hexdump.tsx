import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { formatOffset } from '../ui/signed.ts'
import { characterOf, hexRows, type HexRow } from './hexdump.ts'

const HexdumpFragment = graphql(`
  fragment Hexdump on DifferingPlace {
    leftOffsetBytes
    leftLengthBytes
    leftWindowBytes
    left
    rightLengthBytes
    rightWindowBytes
    right
  }
`)

/** The bytes of both sides around a place that differs. */
export function Hexdump({ place, of }: { place: FragmentType<typeof HexdumpFragment>; of: string }) {
  const { left, right, ...at } = readFragment(HexdumpFragment, place)
  const where = `byte ${formatOffset(at.leftOffsetBytes)}`
  const lengths =
    at.leftLengthBytes === at.rightLengthBytes
      ? `${at.leftLengthBytes}`
      : `${at.leftLengthBytes} → ${at.rightLengthBytes}`
  return (
    <figure className="mt-2 min-w-0">
      <figcaption className="text-small text-quiet">
        {where}, {lengths} bytes
      </figcaption>
      <div role="region" tabIndex={0} aria-label={`Bytes of ${of} at ${where}`} className="diff hexdump">
        {hexRows(left, right, at.leftWindowBytes).map((row) => (
          <Row key={row.offset} row={row} side="left" />
        ))}
        {hexRows(right, left, at.rightWindowBytes).map((row) => (
          <Row key={row.offset} row={row} side="right" />
        ))}
      </div>
    </figure>
  )
}

function Row({ row: { offset, bytes, differs }, side }: { row: HexRow; side: 'left' | 'right' }) {
  const Element = side === 'left' ? 'del' : 'ins'
  const marked = (format: (byte: number) => string, separator: string) =>
    bytes.map((byte, i) => (
      <span key={i}>
        {i > 0 && separator}
        <span className={differs[i] ? 'diff-word' : ''}>{format(byte)}</span>
      </span>
    ))
  return (
    <Element className="hexdump-row" data-sign={side === 'left' ? '−' : '+'}>
      <span className="text-quiet">{offset.toString(16).padStart(8, '0')}</span>
      <span>{marked((byte) => byte.toString(16).padStart(2, '0'), ' ')}</span>
      <span aria-hidden="true">{marked(characterOf, '')}</span>
    </Element>
  )
}
