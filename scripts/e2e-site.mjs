// Builds the current sources and starts the site of the browser tests. test/e2e/site.ts describes the arguments.
import { build, buildTestPrograms } from './setup.mjs'

build()
buildTestPrograms()
await import('../dist/test/site.mjs')
