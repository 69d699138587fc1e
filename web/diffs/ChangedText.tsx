import type { Piece } from './changed-words.ts'

/** Characters that turn the writing direction, or have no width: what is read is not what is there. */
const deceiving = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/
const deceivingOnes = new RegExp(`(${deceiving.source})`)

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
  if (!deceiving.test(text)) return text
  return text.split(deceivingOnes).map((part, index) =>
    deceiving.test(part) ? (
      <span key={index} className="diff-invisible">
        U+{(part.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}
      </span>
    ) : (
      part
    ),
  )
}
