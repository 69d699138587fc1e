// Starts the site of the browser tests, built from the sources as they are now: test/e2e/site.ts has the arguments.
import { build, buildTestPrograms } from './setup.mjs'

build()
buildTestPrograms()
await import('../dist/test/site.mjs')
