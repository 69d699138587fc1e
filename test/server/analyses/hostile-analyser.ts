// What each worker process of hostileWorkers runs.
import { analyseInputWith } from '../../../server/analyses/analyse-input.ts'
import { serveTasks } from '../../../server/workers/serve-tasks.ts'
import { hostileKinds } from './hostile-kinds.ts'

serveTasks({ analyse: analyseInputWith(hostileKinds()) })
