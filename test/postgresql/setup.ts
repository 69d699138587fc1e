// Starts the PostgreSQL server of a run of tests, with the database that each test copies.
import type { TestProject } from 'vitest/node'
import { startCluster } from './cluster.ts'
import { makeTemplate } from './make-template.ts'

export default async function setUp({ provide }: TestProject) {
  const cluster = await startCluster()
  try {
    provide('postgresqlUrl', await makeTemplate(cluster))
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return () => cluster.stop()
}
