/** First bytes of packages, scripts and bytecode. */
const formats: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[...Buffer.from('!<arch>\ndebian-binary')], 'a Debian package'],
  [[...Buffer.from('!<arch>\n')], 'an archive'],
  // FreeBSD's packages are archives with one of these compressions.
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed with xz'],
  [[0x1f, 0x8b], 'compressed with gzip'],
  [[...Buffer.from('#!')], 'a script'],
  [[...Buffer.from('BZh')], 'compressed with bzip2'],
  [[...Buffer.from('PK\x03\x04')], 'a ZIP archive'],
  // Mach-O of 64 and of 32 bits, in either byte order, and of several machines.
  [[0xcf, 0xfa, 0xed, 0xfe], 'a program for macOS'],
  [[0xce, 0xfa, 0xed, 0xfe], 'a program for macOS'],
  [[0xfe, 0xed, 0xfa, 0xcf], 'a program for macOS'],
  [[0xfe, 0xed, 0xfa, 0xce], 'a program for macOS'],
  [[0xca, 0xfe, 0xba, 0xbe], 'a program for macOS'],
  [[...Buffer.from('MZ')], 'a program for Windows'],
  [[...Buffer.from('\0asm')], 'WebAssembly'],
  [[0x42, 0x43, 0xc0, 0xde], 'LLVM bitcode'],
  [[...Buffer.from('Caml19')], 'a file of the OCaml compiler'],
]

/** So many bytes are enough for `describeFormat`. */
export const longestMagicBytes = Math.max(...formats.map(([magic]) => magic.length))

/** Kind of a file that is not an ELF file, in words that follow "it is": `a Debian package`. */
export function describeFormat(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty'
  return formats.find(([magic]) => magic.every((byte, i) => bytes[i] === byte))?.[1] ?? 'something else'
}
