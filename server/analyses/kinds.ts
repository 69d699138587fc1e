// The kinds of analysis. To add a kind:
//
// 1. Write `analyseX(bytes: Uint8Array): XResult` in `server/analyses/<kind>/`. The function is pure, its
//    time and memory are bounded for any input, and its result is JSON. `defineKind` says what it may throw.
// 2. Register it below with `defineKind`: version 1, the input (rules in kind.ts), the limits. The engine
//    then runs it for every uploaded build, and finds the builds that are stored already.
// 3. Add the kind to the enum `AnalysisKind` in `analysis.graphql.ts`.
// 4. Expose the result in `server/analyses/<kind>/<kind>.graphql.ts`, and import that file in
//    `server/schema.ts`. `loadResult(context, kind, build)` returns the result, `loadSummary` the part of it
//    that is in the row (load-analyses.ts). Select `analysedColumns`.
//
// If the result for an input changes, raise `version`. All analyses of the kind then run again in the
// background. Old results are shown meanwhile, unless `readableSince` says that their shape differs.
import { analyseDependencies } from './dependencies/analyse-dependencies.ts'
import { analyseBinarySize } from './binary-size/analyse-binary-size.ts'
import { readComponents } from '../package-sets/read-components.ts'
import { analyseFailure, summarizeFailure } from './failure/analyse-failure.ts'
import {
  consoleIndexOfFailed,
  consoleOfFailed,
  debugBesideMain,
  debugOrMainBinary,
  defineKind,
  mainBinary,
  mainOrDebugBinary,
  opamSwitch,
  type KindRegistry,
} from './kind.ts'
import { listModules } from './modules/list-modules.ts'
import { analyseSolo5, summarizeSolo5 } from './solo5/analyse-solo5.ts'

const mebibyte = 1024 ** 2

export const kinds: KindRegistry = {
  SOLO5: defineKind({
    version: 3,
    description: 'Solo5 target and devices',
    inputOf: mainBinary,
    // No more of it is read than headers and notes.
    maxInputBytes: 2 ** 40,
    maxCpuMs: 10_000,
    analyseFile: analyseSolo5,
    summarize: summarizeSolo5,
  }),
  FAILURE: defineKind({
    version: 5,
    description: 'why a build failed',
    inputOf: consoleOfFailed,
    debugOf: consoleIndexOfFailed,
    isDebugOptional: true,
    maxInputBytes: 256 * mebibyte,
    maxCpuMs: 10_000,
    analyseFile: (console, index) => analyseFailure(console.read(0, console.sizeBytes), index),
    summarize: summarizeFailure,
  }),
  DEPENDENCIES: defineKind({
    version: 2,
    description: 'which package depends on which',
    inputOf: opamSwitch,
    maxInputBytes: 16 * mebibyte,
    maxCpuMs: 20_000,
    analyse: analyseDependencies,
  }),
  COMPONENTS: defineKind({
    version: 1,
    description: 'what a build contains: packages, their sources and licences',
    inputOf: opamSwitch,
    maxInputBytes: 16 * mebibyte,
    maxCpuMs: 20_000,
    analyse: readComponents,
  }),
  MODULES: defineKind({
    version: 1,
    description: 'which OCaml modules are linked into the binary',
    inputOf: debugOrMainBinary,
    maxInputBytes: 2 ** 40,
    maxCpuMs: 20_000,
    analyseFile: listModules,
  }),
  BINARY_SIZE: defineKind({
    version: 2,
    description: 'where the bytes of the binary come from',
    inputOf: mainOrDebugBinary,
    debugOf: debugBesideMain,
    maxInputBytes: 512 * mebibyte,
    maxCpuMs: 60_000,
    // Symbols and debug information, and as much again.
    maxMemoryMiB: 1_536,
    analyseFile: analyseBinarySize,
    summarize: ({ tree: _tree, ...facts }) => facts,
  }),
}
