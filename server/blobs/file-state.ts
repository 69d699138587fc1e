import type { Stats } from 'node:fs'

/** Changes whenever a file is written or replaced. A file keeps it when it is moved within its file system. */
export const fileState = ({ ino, size, mtimeMs }: Stats): string => `${ino} ${size} ${mtimeMs}`
