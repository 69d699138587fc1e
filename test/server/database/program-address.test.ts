import { expect, test } from 'vitest'
import { programAddress } from '../../../server/database/postgresql/program-address.ts'

test.each([
  ['postgresql://hub@db/site', 'postgresql://hub@db/site', ''],
  ['postgresql://hub:a%2Fsecret@db/site', 'postgresql://hub@db/site', 'a/secret'],
  ['postgresql://hub@db/site?password=a%2Fsecret', 'postgresql://hub@db/site', 'a/secret'],
  [
    'postgresql://hub@db/site?pass%77ord=secret&sslmode=require',
    'postgresql://hub@db/site?sslmode=require',
    'secret',
  ],
  ['postgresql://hub:old@db/site?password=x&password=secret', 'postgresql://hub@db/site', 'secret'],
  ['postgresql://hub:secret@db/site?password=', 'postgresql://hub@db/site', 'secret'],
  ['postgresql://hub@db/site?sslpassword=hidden&sslkey=/key', 'postgresql://hub@db/site?sslkey=/key', ''],
  // libpq takes `+` for a plus.
  [
    'postgresql:///site?host=%2Frun%2Fpg&password=secret&options=-c%20search_path%3Dhub',
    'postgresql:///site?host=%2Frun%2Fpg&options=-c%20search_path%3Dhub',
    'secret',
  ],
])('programs get the address %s without its secrets', (url, address, password) => {
  expect(programAddress(url)).toEqual({ address, password })
})
