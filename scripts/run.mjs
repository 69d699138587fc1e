// The first script that runs on a new machine. It refuses an old Node.js with a one-line message. Therefore
// an old Node.js must be able to parse this file: no static import, no top-level await.
const [major, minor] = process.versions.node.split('.').map(Number)
const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24

if (isSupported) {
  import('./commands.mjs')
} else {
  process.stderr.write(
    `Builder Hub needs Node.js 20.19 or later, 22.13 or later, or 24 and later. This is ${process.version}: install a supported version\n`,
  )
  process.exitCode = 1
}
