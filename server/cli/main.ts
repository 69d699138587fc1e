import { runHub } from './hub.ts'

// Files of the data directory are for the user of the server alone.
process.umask(0o077)

process.exitCode = await runHub(process.argv.slice(2), process)
