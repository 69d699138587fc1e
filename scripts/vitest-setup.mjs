// Builds the programs that tests start from the current sources, also for `npx vitest run FILE`.
import { build, buildTestPrograms } from './setup.mjs'

export default function setUp() {
  build()
  buildTestPrograms()
}
