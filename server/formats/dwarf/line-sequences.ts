import { malformedDwarf } from './cursor.ts'
import type { LineHeader } from './line-header.ts'

const setAddress = 2
const endSequence = 1
const standard = { advancePc: 2, setFile: 4, constAddPc: 8, fixedAdvancePc: 9 }

/**
 * Run a line program as far as addresses and files go, and tell each sequence, an unbroken piece of
 * code: from `low` to `high`, exclusive, and the number of the file of its first row. With `byFile` a
 * piece ends where the file changes, too. Takes time by the length of the program. Throws
 * MalformedError; what was told before stands. Source: DWARF 5, 6.2.5.
 */
export function runLineProgram(
  bytes: Uint8Array,
  isLittleEndian: boolean,
  header: LineHeader,
  onSequence: (low: number, high: number, file: number) => void,
  { byFile = false } = {},
): void {
  const { programEnd: end, minInstructionLength, maxOperationsPerInstruction: maxOperations } = header
  const { lineRange, opcodeBase, operandCounts } = header
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const constantAdvance = Math.floor((255 - opcodeBase) / lineRange)
  let position = header.programStart
  let address = 0
  let operationIndex = 0
  let file = 1
  // Of the first row of the piece; -1 before it.
  let low = -1
  let pieceFile = 1

  const operand = (): number => {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10 && position < end; i++) {
      const byte = bytes[position++] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw malformedDwarf(position, 'LEB128 number without end')
  }
  const advance = (operations: number) => {
    if (maxOperations === 1) {
      address += minInstructionLength * operations
      return
    }
    // Very long instruction words: DWARF 5, 6.2.5.1.
    const next = operationIndex + operations
    address += minInstructionLength * Math.floor(next / maxOperations)
    operationIndex = next % maxOperations
  }

  const row = () => {
    if (low >= 0 && byFile && file !== pieceFile && address > low) {
      onSequence(low, address, pieceFile)
      low = -1
    }
    if (low >= 0) return
    low = address
    pieceFile = file
  }

  while (position < end) {
    const opcode = bytes[position++] as number
    if (opcode >= opcodeBase) {
      advance(Math.floor((opcode - opcodeBase) / lineRange))
      row()
      continue
    }
    if (opcode === 0) {
      const length = operand()
      if (length === 0 || length > end - position) {
        throw malformedDwarf(position, `extended opcode of ${length} bytes`)
      }
      const next = position + length
      const code = bytes[position] as number
      if (code === setAddress) {
        if (length === 9) {
          const [first, second] = [
            view.getUint32(position + 1, isLittleEndian),
            view.getUint32(position + 5, isLittleEndian),
          ]
          address = isLittleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second
        } else if (length === 5) address = view.getUint32(position + 1, isLittleEndian)
        else throw malformedDwarf(position, `address of ${length - 1} bytes`)
        operationIndex = 0
      } else if (code === endSequence) {
        if (low >= 0 && address > low) onSequence(low, address, pieceFile)
        low = -1
        address = 0
        file = 1
        operationIndex = 0
      }
      position = next
      continue
    }
    if (opcode === 1) row()
    else if (opcode === standard.setFile) file = operand()
    else if (opcode === standard.advancePc) advance(operand())
    else if (opcode === standard.constAddPc) advance(constantAdvance)
    else if (opcode === standard.fixedAdvancePc) {
      if (end - position < 2) throw malformedDwarf(position, 'advance without operand')
      address += view.getUint16(position, isLittleEndian)
      operationIndex = 0
      position += 2
    } else for (let count = operandCounts[opcode - 1] ?? 0; count > 0; count--) operand()
  }
}
