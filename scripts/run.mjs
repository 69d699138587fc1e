// The first thing that runs on a fresh machine. It refuses a Node.js that is too old in one line, so
// this file must parse on such a Node.js as well: no static import, no top-level await.
const [major, minor] = process.versions.node.split('.').map(Number)
const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24

if (isSupported) {
  import('./commands.mjs')
} else {
  process.stderr.write(
    `Builder Hub needs Node.js 20.19 or later, 22.13 or later, or 24 and later: this is ${process.version}\n`,
  )
  process.exitCode = 1
}
