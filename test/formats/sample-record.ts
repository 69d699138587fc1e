/** Tests of the reader write DER by hand, so that they do not lean on the encoder. */
export function head(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.of(tag, length)
  const octets = length.toString(16)
  const size = Math.ceil(octets.length / 2)
  return Buffer.concat([Buffer.of(tag, 0x80 | size), Buffer.from(octets.padStart(size * 2, '0'), 'hex')])
}

export function tlv(tag: number, ...content: (Uint8Array | string)[]): Buffer {
  const octets = Buffer.concat(content.map((part) => Buffer.from(part)))
  return Buffer.concat([head(tag, octets.length), octets])
}

export const text = (value: Uint8Array | string) => tlv(0x0c, value)
export const seq = (...content: Uint8Array[]) => tlv(0x30, ...content)
export const int = (...octets: number[]) => tlv(0x02, Buffer.from(octets))
export const time = (value: string) => tlv(0x18, value)
export const utcTime = (value: string) => tlv(0x17, value)

/** The parts of a small record; its comment column is the offset of each value's header. */
const parts = {
  name: text('hello'), //                                            6
  script: text('#!/bin/sh\n'), //                                   13
  files: seq(), //                                                  25
  platform: text('debian-12'), //                                   27
  uuid: text(Buffer.from('5ec0ffee00004000800000000000000a', 'hex')), // 38
  console: seq(seq(int(5), text('x'))), //                          56, entry 58, delta 60, text 63
  times: seq(time('20260314150926Z'), time('20260314151927Z')), //  66, started 68, finished 85
  result: tlv(0xa0, int(0)), //                                    102, value 104
  output: seq(seq(text('a.b'), text('hi'))), //                    107, artifact 109, path 111, data 116
}

/** 120 bytes of a valid record, or one with other parts in their place; an empty part is left out. */
export function sampleRecord(other: Partial<Record<keyof typeof parts | 'job', Uint8Array>> = {}): Buffer {
  const { name, script, files, platform, uuid, console, times, result, output } = { ...parts, ...other }
  const job = other.job ?? seq(name, script, files, platform)
  return tlv(0xa0, seq(job, uuid, console, times, result, output))
}
