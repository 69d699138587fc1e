import { expect, test } from 'vitest'
import { AddressRefusedError, sendSafely } from '../../../server/safe-request.ts'
import { parseAllowedPlaces, reachOf } from '../../../server/webhooks/webhook-reach.ts'

const send = (setting: string, url: string) =>
  sendSafely(url, reachOf(setting, url), { timeoutMs: 20_000 }, 1_000)

test.each([
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0.0.0.0', 'localhost'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
  ...['[fe80::1]', '[fc00::1]', '[ff02::1]', '169.254.169.254', '100.64.0.1', '224.0.0.1'],
  ...['10.0.0.1', '172.16.0.1', '192.168.1.1', '255.255.255.255'],
])('%s is refused', async (host) => {
  await expect(send('external', `http://${host}:9/`)).rejects.toThrow(AddressRefusedError)
  await expect(send('203.0.113.0/24, 2001:db8::/32', `http://${host}:9/`)).rejects.toThrow(
    AddressRefusedError,
  )
})

test('without "external", public addresses are refused, too', async () => {
  await expect(send('10.0.0.0/8', 'http://192.0.2.7:9/')).rejects.toThrow(AddressRefusedError)
})

test.each([
  ['a network', '127.0.0.0/8'],
  ['an address', '127.0.0.1'],
  ['a name', 'localhost'],
])('%s that is allowed is connected to', async (_what, setting) => {
  const host = setting === 'localhost' ? 'localhost' : '127.0.0.1'
  // Nothing listens there: the connection is refused by the system.
  await expect(send(`external, ${setting}`, `http://${host}:9/`)).rejects.not.toThrow(AddressRefusedError)
})

test.each(['', 'external,', '10.0.0.0/33', '1.2.3', 'http://example.org', 'a b', '::1%eth0', '*'])(
  'the setting %j is refused',
  (text) => {
    expect(parseAllowedPlaces(text)).toBeNull()
  },
)
