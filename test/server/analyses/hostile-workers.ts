import { createAnalysisWorkers } from '../../../server/analyses/analysis-handlers.ts'
import { testProgram } from '../../programs.ts'

/** Processes that do what their input says. */
export const hostileWorkers = (options: Parameters<typeof createAnalysisWorkers>[0] = {}) =>
  createAnalysisWorkers({
    file: testProgram('hostile-analyser'),
    maxProcesses: 2,
    maxHeapMiB: 64,
    // Tests wait for them.
    niceness: 0,
    ...options,
  })
