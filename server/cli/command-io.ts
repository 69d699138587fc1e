import type { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'

/** What a command reads and writes: of the process, or of a test. */
export type CommandIo = {
  env: Record<string, string | undefined>
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable
  stderr: Writable
}

const ioOfPrograms = new WeakMap<Command, CommandIo>()

/** Give a program, and all its commands that are added later, what they read and write. */
export function setIo(program: Command, io: CommandIo): void {
  ioOfPrograms.set(program, io)
  program.configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
  })
}

/** What the program that a command belongs to reads and writes. */
export function ioOf(command: Command): CommandIo {
  let program = command
  while (program.parent) program = program.parent
  return ioOfPrograms.get(program) ?? process
}
