import type { Piece } from './changed-words.ts'
import { splitUnseen } from './unseen.ts'

/** Text of a line with the changed words marked, and with what cannot be seen spelled out. */
export function ChangedText({ text, pieces }: { text: string; pieces?: readonly Piece[] | undefined }) {
  if (!pieces) return <Plain text={text} />
  return pieces.map((piece, index) =>
    piece.isChanged ? (
      <span key={index} className="diff-word">
        <Plain text={piece.text} />
      </span>
    ) : (
      <Plain key={index} text={piece.text} />
    ),
  )
}

function Plain({ text }: { text: string }) {
  return splitUnseen(text).map((part, index) =>
    part.isNamed ? (
      <span key={index} className="diff-invisible">
        {part.text}
      </span>
    ) : (
      part.text
    ),
  )
}
