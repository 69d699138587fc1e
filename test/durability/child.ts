// A server in a separate process. The parent process tells it at which step of an upload it has to die.
import { diskBlobStore } from '../../server/blobs/disk-blob-store.ts'
import { readConfig } from '../../server/config.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { startServer } from '../../server/start-server.ts'
import { idleTasks } from './idle-tasks.ts'
import type { FromChild, Moment, ToChild } from './messages.ts'
import { watchedFs } from './watched-fs.ts'

const [projectDir = '', mode] = process.argv.slice(2)
const config = readConfig(process.env)

let armed: Moment | null = null
let seen = 0

/** Steps of an upload, calls to the disk and SQL statements alike are moments at which a process can end. */
function pass(moment: string): void {
  seen++
  if (!armed) return
  if (armed.moment !== undefined && armed.moment !== moment) return
  armed.count--
  if (armed.count <= 0) process.kill(process.pid, 'SIGKILL')
}

async function watchedDeps() {
  return {
    ...(mode === 'watched' ? idleTasks() : {}),
    onUploadStep: pass,
    database: await openDatabase(config.databaseFile, () => pass('statement')),
    blobs: diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir, fs: watchedFs(pass) }),
  }
}

function tell(message: FromChild): void {
  process.send?.(message)
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'arm') {
    armed = message.moment
    seen = 0
  }
  if (message.kind === 'collect-garbage') globalThis.gc?.()
  tell({ kind: 'done', seen })
})

// A parent that ended without a word leaves no server behind.
process.on('disconnect', () => process.exit(0))

const { url } = await startServer(config, projectDir, mode === 'plain' ? {} : await watchedDeps())
tell({ kind: 'ready', url })
