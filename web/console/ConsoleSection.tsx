export function ConsoleSection(_: { job: string; uuid: string; sizeBytes: number; openAtEnd: boolean }) {
  return null
}
