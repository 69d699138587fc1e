import { BadConfigError, type Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import { readRepositoriesFile } from './repositories-file.ts'
import { publishKind } from './request-publishing.ts'

/** How package repositories are made. `file` null: none is named. `fault`: what is wrong with it. */
export type PublishingState = {
  file: string | null
  fault: string | null
  error: string | null
  lastRunAt: Date | null
}

export async function readPublishingState(
  { repositoriesFile }: Pick<Config, 'repositoriesFile'>,
  db: Reader,
): Promise<PublishingState> {
  const task = await db.queuedTask.findUnique({
    where: { kind_key: { kind: publishKind, key: '' } },
    select: { error: true, finishedAt: true },
  })
  return {
    file: repositoriesFile === '' ? null : repositoriesFile,
    fault: faultOf(repositoriesFile),
    error: task?.error ?? null,
    lastRunAt: task?.finishedAt ?? null,
  }
}

function faultOf(file: string): string | null {
  try {
    readRepositoriesFile(file)
    return null
  } catch (error) {
    if (error instanceof BadConfigError) return error.message
    throw error
  }
}
