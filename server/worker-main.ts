// What each worker process of the pool runs.
import { serveTasks } from './workers/serve-tasks.ts'
import { tasks } from './tasks.ts'

serveTasks(tasks)
