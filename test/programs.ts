import { existsSync } from 'node:fs'
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
    | 'killed-scheduler'
    | 'killed-sequencer'
    | 'killed-tasks'
    | 'killed-server'
    | 'killed-verify'
    | 'migrate'
    | 'run-site',
): string => join(findProjectDir(), `dist/test/${name}.mjs`)

/** Whether this machine has programs of Debian: tests that need others skip by name. */
export const isInstalled = (...programs: string[]): boolean =>
  programs.every((program) => existsSync(`/usr/bin/${program}`) || existsSync(`/bin/${program}`))
