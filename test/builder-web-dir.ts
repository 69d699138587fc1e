import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'

/** Tables of builder-web's database, version 18. Source: builder-web, lib/builder_db.ml. */
const schema = `
  CREATE TABLE job (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(255) NOT NULL UNIQUE);
  CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, username VARCHAR(255) NOT NULL UNIQUE,
    password_hash BLOB NOT NULL, password_salt BLOB NOT NULL, scrypt_n INTEGER NOT NULL, scrypt_r INTEGER NOT NULL,
    scrypt_p INTEGER NOT NULL, restricted BOOLEAN NOT NULL);
  CREATE TABLE build (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid VARCHAR(36) NOT NULL UNIQUE,
    start_d INTEGER NOT NULL, start_ps INTEGER NOT NULL, finish_d INTEGER NOT NULL, finish_ps INTEGER NOT NULL,
    result_code INTEGER NOT NULL, result_msg TEXT, console TEXT NOT NULL, script TEXT NOT NULL, platform TEXT NOT NULL,
    main_binary INTEGER, user INTEGER NOT NULL, job INTEGER NOT NULL, input_id BLOB);
  CREATE TABLE build_artifact (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, filepath TEXT NOT NULL,
    sha256 BLOB NOT NULL, size INTEGER NOT NULL, build INTEGER NOT NULL, UNIQUE(build, filepath));
  CREATE TABLE access_list (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, user INTEGER NOT NULL, job INTEGER NOT NULL);
  CREATE TABLE tag (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, tag VARCHAR(255) NOT NULL UNIQUE);
  CREATE TABLE job_tag (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, tag INTEGER NOT NULL, value TEXT NOT NULL,
    job INTEGER NOT NULL, UNIQUE(tag, job));
  CREATE INDEX idx_build_artifact_build ON build_artifact(build);
`

type Build = {
  uuid: string
  job?: string
  console?: string
  artifacts?: Record<string, string>
  /** Columns that take the place of those of a usual build. */
  columns?: Record<string, unknown>
}

/** A data directory of builder-web with a user `scooby`, in the folder `dir`. */
export function builderWebDir(dir: string) {
  mkdirSync(dir, { recursive: true })
  const sqlite = new BetterSqlite3(join(dir, 'builder.sqlite3'))
  // No fixture needs to survive a loss of power.
  sqlite.pragma('synchronous = OFF')
  sqlite.exec(schema)
  sqlite.pragma('application_id = 1234839235')
  sqlite.pragma('user_version = 18')

  const insert = (table: string, row: Record<string, unknown>): number => {
    const names = Object.keys(row)
    const marks = names.map(() => '?').join(', ')
    const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`
    return Number(sqlite.prepare(sql).run(...Object.values(row)).lastInsertRowid)
  }
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  const idOf = (table: string, column: string, value: string): number => {
    const row = sqlite.prepare(`SELECT id FROM ${table} WHERE ${column} = ?`).get(value) as
      { id: number } | undefined
    return row?.id ?? insert(table, { [column]: value })
  }

  const addUser = (username: string, columns: Record<string, unknown> = {}) =>
    insert('user', {
      ...{ username, password_hash: Buffer.alloc(32, 1), password_salt: Buffer.alloc(16, 2) },
      ...{ scrypt_n: 1024, scrypt_r: 8, scrypt_p: 1, restricted: 0, ...columns },
    })
  addUser('scooby')

  return {
    dir,
    sqlite,
    write,
    addUser,
    addAccess: (user: string, job: string) =>
      insert('access_list', { user: idOf('user', 'username', user), job: idOf('job', 'name', job) }),
    addTag: (job: string, tag: string, value: string) =>
      insert('job_tag', { job: idOf('job', 'name', job), tag: idOf('tag', 'tag', tag), value }),
    /** Adds a build with its files. Returns its id. */
    addBuild({
      uuid,
      job = 'hello',
      console = '0.001s:hello\n',
      artifacts = {},
      columns = {},
    }: Build): number {
      write(`${job}/${uuid}/console.txt`, console)
      write(`${job}/${uuid}/script.txt`, '#!/bin/sh\n')
      const build = insert('build', {
        ...{
          uuid,
          start_d: 20_000,
          start_ps: 1_250_000_000_000,
          finish_d: 20_000,
          finish_ps: 2_500_000_000_000,
        },
        ...{ result_code: 0, result_msg: null, platform: 'debian-12', main_binary: null, input_id: null },
        ...{ console: `${job}/${uuid}/console.txt`, script: `${job}/${uuid}/script.txt` },
        ...{ user: idOf('user', 'username', 'scooby'), job: idOf('job', 'name', job), ...columns },
      })
      for (const [filepath, content] of Object.entries(artifacts)) {
        const sha256 = createHash('sha256').update(content).digest()
        const hex = sha256.toString('hex')
        write(`_artifacts/${hex.slice(0, 2)}/${hex}`, content)
        const id = insert('build_artifact', { filepath, sha256, size: Buffer.byteLength(content), build })
        if (filepath.startsWith('bin/'))
          sqlite.prepare('UPDATE build SET main_binary = ? WHERE id = ?').run(id, build)
      }
      return build
    },
  }
}

/** Where builder-web has an artifact, within its data directory. */
export function artifactFile(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex')
  return `_artifacts/${hex.slice(0, 2)}/${hex}`
}
