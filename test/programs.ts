import { join } from 'node:path'
import { findProjectDir } from '../server/project-dir.ts'

/** A built program of the product, as operators start it. */
export const builtProgram = (name: 'server' | 'tasks' | 'hub'): string =>
  join(findProjectDir(), `dist/${name}.mjs`)

/** A built program of the tests: scripts/bundle.mjs has their names and sources. */
export const testProgram = (
  name:
    | 'child'
    | 'hostile-analyser'
    | 'hostile-worker'
    | 'killed-parent'
    | 'killed-publisher'
    | 'killed-runner'
    | 'killed-webhooks'
    | 'killed-server'
    | 'killed-verify'
    | 'migrate',
): string => join(findProjectDir(), `dist/test/${name}.mjs`)
