import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { changeListeners, onVisibleChange } from '../../server/changes/change-feed.ts'
import { sqliteChanges } from '../../server/database/sqlite/sqlite-changes.ts'
import { temporaryDir } from '../app.ts'

/** The changes of a file, a cache and a follower of analyses, and what the log says. */
function watchedFile(file: string) {
  const lines: { msg: string }[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const listeners = changeListeners(log)
  const changes = sqliteChanges(file, listeners, log)
  onTestFinished(() => changes.close())
  const told = { cache: 0, follower: 0 }
  onVisibleChange(changes, () => told.cache++)
  changes.on(['analyses', 'builds'], () => told.follower++)
  return { changes, told, messages: () => lines.map(({ msg }) => msg) }
}

const makeTable = 'CREATE TABLE "ChangeCount" (kind TEXT PRIMARY KEY, value INTEGER NOT NULL)'

test('a fault that lasts empties caches at each look, and is told and logged once, as its end is', () => {
  const file = join(temporaryDir(), 'absent.sqlite3')
  const { changes, told, messages } = watchedFile(file)
  for (let n = 1; n <= 5; n++) {
    void changes.look()
    expect(told).toEqual({ cache: n, follower: 1 })
  }
  expect(messages()).toEqual(['changes of the database are not noticed: nothing is answered from memory'])
  new Database(file).exec(makeTable).close()
  for (let n = 0; n < 3; n++) void changes.look()
  expect(told).toEqual({ cache: 6, follower: 2 })
  expect(messages().slice(1)).toEqual(['changes of the database are noticed again'])
})

test.runIf(process.platform === 'linux')('looks that fail leave no open file', () => {
  const file = join(temporaryDir(), 'empty.sqlite3')
  new Database(file).exec('CREATE TABLE other (x)').close()
  const { changes } = watchedFile(file)
  for (let n = 0; n < 5; n++) void changes.look()
  const opened = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file
    } catch {
      return false
    }
  })
  expect(opened).toEqual([])
})
