import { runHub } from './hub.ts'

// Files of the data directory are for the user of the server alone.
process.umask(0o077)

// A reader that has left, such as `head`, has read all that it wants: the command goes on to its end and its status.
for (const output of [process.stdout, process.stderr])
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    if (output !== process.stderr) process.stderr.write(`the output cannot be written: ${error.message}\n`)
    process.exit(1)
  })

process.exitCode = await runHub(process.argv.slice(2), process)
