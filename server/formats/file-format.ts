/** What packages, scripts and bytecode begin with. */
const formats: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[...Buffer.from('!<arch>\ndebian-binary')], 'a Debian package'],
  [[...Buffer.from('!<arch>\n')], 'an archive'],
  // FreeBSD's packages are archives that are compressed with one of these.
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed with xz'],
  [[0x1f, 0x8b], 'compressed with gzip'],
  [[...Buffer.from('#!')], 'a script'],
  [[0xcf, 0xfa, 0xed, 0xfe], 'a program for macOS'],
  [[...Buffer.from('MZ')], 'a program for Windows'],
]

/** What a file that is no ELF file is, as words that follow "it is": `a Debian package`. */
export function describeFormat(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty'
  return formats.find(([magic]) => magic.every((byte, i) => bytes[i] === byte))?.[1] ?? 'something else'
}
