/** Octets that mean something in a header or a time. */
const telling = [
  0x00, 0x01, 0x02, 0x0c, 0x17, 0x18, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xa0, 0xa3, 0xff,
]

/** `record` with one to three edits: octets changed, doubled, left out, or cut off. */
export function mutate(record: Buffer, random: (bound: number) => number): Buffer {
  let mutant: Buffer = Buffer.from(record)
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const at = random(mutant.length + 1)
    const [before, after] = [mutant.subarray(0, at), mutant.subarray(at)]
    const slice = mutant.subarray(random(mutant.length + 1)).subarray(0, random(20))
    switch (random(6)) {
      case 0:
        if (after.length > 0) after[0] = random(256)
        break
      case 1:
        if (after.length > 0) after[0] = telling[random(telling.length)] ?? 0
        break
      case 2:
        if (after.length > 0) after[0] = (after[0] ?? 0) ^ (1 << random(8))
        break
      case 3:
        mutant = Buffer.concat([before, slice, after])
        break
      case 4:
        mutant = Buffer.concat([before, after.subarray(random(20))])
        break
      case 5:
        mutant = Buffer.from(before)
        break
    }
  }
  return mutant
}
