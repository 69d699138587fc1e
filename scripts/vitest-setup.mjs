// What tests start must be built from the sources as they are now, also by `npx vitest run FILE`.
import { build, buildTestPrograms } from './setup.mjs'

export default function setUp() {
  build()
  buildTestPrograms()
}
