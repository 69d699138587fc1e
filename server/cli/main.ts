import { runHub } from './hub.ts'

// Files of the data directory are for the user of the server alone.
process.umask(0o077)

// A reader that has left, such as `head`, has read all that it wants.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`the output cannot be written: ${error.message}\n`)
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

process.exitCode = await runHub(process.argv.slice(2), process)
