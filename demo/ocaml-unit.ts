import type { LineRow } from './debug-info.ts'
import { writeFunction, writeNops } from './machine-code.ts'
import { seededRandom, type Random } from './random.ts'

/** A symbol of a unit; `suffix` follows the unit's name. */
export type UnitSymbol = {
  suffix: string
  kind: 'function' | 'object' | 'label'
  offset: number
  sizeBytes: number
}

/** What the compiler makes of one OCaml source file: its code and its data, each with symbols. */
export type OcamlUnit = {
  name: string
  code: Buffer
  codeSymbols: readonly UnitSymbol[]
  rows: readonly LineRow[]
  data: Buffer
  dataSymbols: readonly UnitSymbol[]
}

/** The release, which tells how symbols are spelled: `camlA__B__f_1` before OCaml 5.1, `camlA__B.f_1` since. */
export type SymbolStyle = 'underscores' | 'dot'

const functionNames = [
  'add',
  'add_exn',
  'append',
  'apply',
  'bind',
  'blit',
  'check',
  'close',
  'compare',
  'concat',
  'connect',
  'copy',
  'create',
  'decode',
  'decode_exn',
  'default',
  'drop',
  'empty',
  'encode',
  'encode_into',
  'equal',
  'exists',
  'fail',
  'filter',
  'find',
  'find_opt',
  'finish',
  'flush',
  'fold',
  'fold_left',
  'for_all',
  'generate',
  'get',
  'handle',
  'hash',
  'init',
  'insert',
  'is_empty',
  'iter',
  'length',
  'listen',
  'log',
  'loop',
  'lookup',
  'make',
  'map',
  'map2',
  'mem',
  'merge',
  'next',
  'of_int',
  'of_string',
  'of_string_exn',
  'parse',
  'parse_header',
  'peek',
  'pop',
  'pp',
  'pp_error',
  'pp_hum',
  'push',
  'read',
  'read_exactly',
  'receive',
  'remove',
  'reset',
  'resolve',
  'retry',
  'run',
  'send',
  'set',
  'size',
  'skip',
  'sort',
  'split',
  'start',
  'step',
  'sub',
  'timeout',
  'to_int',
  'to_list',
  'to_string',
  'unsafe_get',
  'update',
  'validate',
  'verify',
  'with_default',
  'write',
  'write_all',
] as const

/** A share of the real sizes: the whole demo should be made and stored within a breath. */
const scale = 0.105

const units = new Map<string, OcamlUnit>()

/**
 * The unit as compiled from one version of its source; equal arguments give equal bytes.
 * `codeKiB` is its size in real life; versions grow and shrink by some percent.
 */
export function compileUnit(name: string, codeKiB: number, origin: string, compiler: string): OcamlUnit {
  const seed = `${name} ${origin} ${compiler}`
  const key = `${seed} ${codeKiB}`
  const known = units.get(key)
  if (known) return known
  // The sequence of functions is the source's, the lengths vary with the version.
  const shape = seededRandom(`shape ${name}`)
  const version = seededRandom(seed)
  const growth = 0.92 + version.integer(0, 20) / 100
  const codeBytes = Math.max(96, Math.round(codeKiB * 1024 * scale * growth))
  const { code, codeSymbols, rows } = compileCode(codeBytes, shape, version)
  const unit = { name, code, codeSymbols, rows, ...compileData(codeBytes, codeSymbols.length, version) }
  units.set(key, unit)
  return unit
}

function compileCode(codeBytes: number, shape: Random, version: Random) {
  const code = Buffer.alloc(codeBytes)
  const codeSymbols: UnitSymbol[] = [{ suffix: 'code_begin', kind: 'label', offset: 0, sizeBytes: 0 }]
  const rows: LineRow[] = []
  let offset = 0
  let line = 12
  let stamp = 268
  const entryBytes = Math.min(64 + Math.floor(codeBytes / 40), codeBytes)
  while (offset < codeBytes) {
    const rest = codeBytes - offset
    const isEntry = rest <= entryBytes + 48
    const wanted = shape.integer(2, 9) * shape.integer(6, 40) + shape.integer(0, 9)
    const sizeBytes = isEntry ? rest : Math.min(wanted, rest - entryBytes)
    const isAnonymous = shape.integer(1, 5) === 1
    stamp += shape.integer(1, 9)
    const suffix = isEntry
      ? 'entry'
      : `${isAnonymous ? 'fun' : shape.pick(functionNames)}_${stamp + (isAnonymous ? 1800 : 0)}`
    codeSymbols.push({ suffix, kind: 'function', offset, sizeBytes })
    writeFunction(code.subarray(offset, offset + sizeBytes), version)
    for (let at = 0; at < sizeBytes; at += version.integer(9, 60)) {
      rows.push({ offset: offset + at, line })
      line += version.integer(0, 2)
    }
    line += version.integer(1, 4)
    const end = Math.min(codeBytes, Math.ceil((offset + sizeBytes) / 16) * 16)
    writeNops(code, offset + sizeBytes, end)
    offset = end
  }
  codeSymbols.push({ suffix: 'code_end', kind: 'label', offset: codeBytes, sizeBytes: 0 })
  return { code, codeSymbols, rows }
}

function compileData(codeBytes: number, functionCount: number, version: Random) {
  const constants = 4 + Math.floor(functionCount / 3)
  const frametableBytes = 8 + Math.floor(codeBytes / 24) * 8
  const dataSymbols: UnitSymbol[] = [{ suffix: 'data_begin', kind: 'label', offset: 0, sizeBytes: 0 }]
  let offset = 8
  for (let number = 1; number <= constants; number++) {
    dataSymbols.push({ suffix: `${number}`, kind: 'object', offset, sizeBytes: 0 })
    offset += version.integer(2, 7) * 8
  }
  const moduleBytes = 8 * (2 + functionCount)
  dataSymbols.push({ suffix: '', kind: 'object', offset, sizeBytes: moduleBytes })
  offset += moduleBytes
  dataSymbols.push({ suffix: 'gc_roots', kind: 'object', offset, sizeBytes: 16 })
  offset += 16
  dataSymbols.push({ suffix: 'data_end', kind: 'label', offset, sizeBytes: 0 })
  offset += 8
  dataSymbols.push({ suffix: 'frametable', kind: 'object', offset, sizeBytes: frametableBytes })
  offset += frametableBytes
  const data = Buffer.alloc(offset)
  // Words as a heap has them: headers, addresses, tagged integers, offsets.
  for (let at = 0; at + 8 <= offset; at += 8) {
    const word = version.integer(0, 3)
    if (word === 0) data.writeUInt32LE(version.integer(1, 12) * 1024 + 0x300, at)
    else if (word === 1) data.writeUInt32LE(0x100000 + version.integer(0, 0x1fffff) * 8, at)
    else if (word === 2) data.writeUInt32LE(version.integer(0, 4000) * 2 + 1, at)
    else data.writeUInt32LE(version.integer(0, 0xffff) * 16, at)
  }
  return { data, dataSymbols }
}

/** The symbol's full name, as the compiler of that release writes it. */
export function ocamlSymbol(unit: string, suffix: string, style: SymbolStyle): string {
  if (suffix === '') return `caml${unit}`
  return `caml${unit}${style === 'dot' ? '.' : '__'}${suffix}`
}
