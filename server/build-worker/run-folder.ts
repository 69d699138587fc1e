import { chmod, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'

/** The folders of one run on the disk of the worker. */
export type RunFolder = {
  path: string
  /** The script starts here, and its files are taken from here. */
  buildDir: string
  homeDir: string
  temporaryDir: string
  scriptPath: string
  consolePath: string
}

/** The script of builder's worker has the same name, and is not among the files of the build. */
export const scriptName = 'script.sh'

const prefix = 'run-'

/** Makes empty folders for a run below `baseDir`, and writes the script. Throws the error of the system. */
export async function makeRunFolder(baseDir: string, uuid: string, script: Uint8Array): Promise<RunFolder> {
  const path = join(baseDir, `${prefix}${uuid}`)
  const folder = {
    path,
    buildDir: join(path, 'build'),
    homeDir: join(path, 'home'),
    temporaryDir: join(path, 'tmp'),
    scriptPath: join(path, 'build', scriptName),
    consolePath: join(path, 'console'),
  }
  await removeTree(path)
  await mkdir(path, { mode: 0o700 })
  for (const dir of [folder.buildDir, folder.homeDir, folder.temporaryDir]) {
    await mkdir(dir)
    await chmod(dir, 0o755)
  }
  await writeFile(folder.scriptPath, script)
  await chmod(folder.scriptPath, 0o744)
  return folder
}

/** Removes what runs have left whose worker was killed, each after `prepare`. Returns their UUIDs. */
export async function removeOldRuns(
  baseDir: string,
  prepare: (uuid: string) => Promise<void> | undefined,
): Promise<string[]> {
  const old = (await readdir(baseDir)).filter((name) => name.startsWith(prefix))
  const uuids = old.map((name) => name.slice(prefix.length))
  for (const uuid of uuids) {
    await prepare(uuid)
    await removeTree(join(baseDir, `${prefix}${uuid}`))
  }
  return uuids
}

/** Removes a folder, also where a script took away its own right to write. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error
    await makeWritable(path)
    await rm(path, { recursive: true, force: true })
  }
}

async function makeWritable(path: string): Promise<void> {
  const { mode } = await lstat(path)
  await chmod(path, mode | 0o700)
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(join(path, entry.name))
}
