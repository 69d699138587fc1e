import { collectorRace } from './collector-race.ts'
import type { FailureTest } from './failure-test.ts'
import { killedServer } from './killed-server.ts'
import { lostNotifications } from './lost-notifications.ts'
import { postgresqlRestarts } from './postgresql-restarts.ts'
import { rollingUpgrade } from './rolling-upgrade.ts'
import { stoppedLeader } from './stopped-leader.ts'
import { storeFaults } from './store-faults.ts'
import { writeSkew } from './write-skew.ts'

export const failureTests: readonly FailureTest[] = [
  killedServer,
  stoppedLeader,
  postgresqlRestarts,
  rollingUpgrade,
  writeSkew,
  lostNotifications,
  storeFaults,
  collectorRace,
]
