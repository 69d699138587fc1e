import { seededRandom, type Random } from './random.ts'

/** x86-64 instructions as the OCaml compiler likes them; `??` stands for any byte, `oo` for a small offset. */
const instructions = [
  '48 8b 43 oo',
  '48 8b 5b oo',
  '48 8b 40 oo',
  '48 89 04 24',
  '48 89 5c 24 oo',
  '48 8b 44 24 oo',
  '48 8b 7c 24 oo',
  '48 83 f8 01',
  '48 83 fb 01',
  '74 oo',
  '75 oo',
  '0f 84 ?? 01 00 00',
  '0f 85 ?? 02 00 00',
  '7e oo',
  '0f 8c ?? 00 00 00',
  '48 8d 05 ?? ?? 02 00',
  '4c 8d 15 ?? ?? 01 00',
  'e8 ?? ?? ff ff',
  'e8 ?? ?? 00 00',
  'ff d7',
  '48 89 df',
  '48 89 c3',
  '48 89 c7',
  '49 83 ef oo',
  '4d 3b 3e',
  '72 oo',
  '48 c7 40 f8 00 08 00 00',
  '48 c7 c0 01 00 00 00',
  'b8 ?? 00 00 00',
  'bb ?? 00 00 00',
  '48 d1 f8',
  '48 01 d8',
  '48 29 d8',
  '48 8d 44 00 01',
  '48 8b 4b f8',
  '48 c1 e9 09',
  '48 39 c1',
  '0f b6 04 18',
  '48 0f af c3',
  '48 31 c0',
  '66 0f 57 c0',
  'f2 0f 10 40 oo',
  '48 8b 03',
  '48 89 03',
  'eb oo',
  '41 54',
  '41 5c',
] as const

const poolBytes = 1 << 18
const nops = [
  '',
  '90',
  '66 90',
  '0f 1f 00',
  '0f 1f 40 00',
  '0f 1f 44 00 00',
  '66 0f 1f 44 00 00',
  '0f 1f 80 00 00 00 00',
  '0f 1f 84 00 00 00 00 00',
]
const nopBytes = nops.map((text) => Buffer.from(text.replaceAll(' ', ''), 'hex'))

let pool: { bytes: Buffer; starts: Uint32Array } | null = null

function instructionPool(): { bytes: Buffer; starts: Uint32Array } {
  if (pool) return pool
  const random = seededRandom('machine code')
  const templates = instructions.map((text) => text.split(' '))
  const bytes = Buffer.alloc(poolBytes)
  const starts: number[] = []
  let length = 0
  while (length < poolBytes - 8) {
    starts.push(length)
    for (const part of templates[random.integer(0, templates.length - 1)] ?? []) {
      bytes[length++] =
        part === '??'
          ? random.integer(0, 255)
          : part === 'oo'
            ? random.integer(1, 14) * 8
            : Number.parseInt(part, 16)
    }
  }
  pool = { bytes, starts: Uint32Array.from(starts) }
  return pool
}

/** Fill `target` with one function: a frame, instructions and a return. It disassembles, and does nothing. */
export function writeFunction(target: Buffer, random: Random): void {
  const frame = random.integer(1, 6) * 16 + 8
  const prologue = [0x48, 0x83, 0xec, frame]
  const epilogue = [0x48, 0x83, 0xc4, frame, 0xc3]
  if (target.length < prologue.length + epilogue.length) {
    target.fill(0x90)
    target[target.length - 1] = 0xc3
    return
  }
  target.set(prologue)
  target.set(epilogue, target.length - epilogue.length)
  const { bytes, starts } = instructionPool()
  let position = prologue.length
  const end = target.length - epilogue.length
  while (position < end) {
    const index = random.integer(0, starts.length - 200)
    let count = 1
    const start = starts[index] ?? 0
    while (count < 60 && (starts[index + count] ?? 0) - start <= end - position) count++
    const size = (starts[index + count - 1] ?? start) - start
    if (size === 0) break
    bytes.copy(target, position, start, start + size)
    position += size
  }
  writeNops(target, position, end)
}

/** Padding that the processor skips. */
export function writeNops(target: Buffer, from: number, to: number): void {
  let position = from
  while (position < to) {
    const nop = nopBytes[Math.min(to - position, nopBytes.length - 1)]
    if (!nop) return
    nop.copy(target, position)
    position += nop.length
  }
}
