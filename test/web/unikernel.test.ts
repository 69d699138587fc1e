import { expect, test } from 'vitest'
import { describeDevices, describeShortly, type Unikernel } from '../../web/solo5/describe.ts'
import { howToRun } from '../../web/solo5/how-to-run.ts'

const dns: Unikernel = { target: 'HVT', netDevices: ['service'], blockDevices: ['storage'] }
const router: Unikernel = { target: 'SPT', netDevices: ['public', 'private', 'spare'], blockDevices: [] }
const hello: Unikernel = { target: 'HVT', netDevices: [], blockDevices: [] }

test('devices are listed by kind, with their names', () => {
  expect(describeDevices(dns)).toBe('block device “storage” and net device “service”')
  expect(describeDevices(router)).toBe('net devices “public”, “private” and “spare”')
  expect(describeDevices(hello)).toBeNull()
  expect(describeShortly(dns)).toBe('hvt · net “service” · block “storage”')
  expect(describeShortly(hello)).toBe('hvt')
  expect(describeShortly({ ...hello, target: null })).toBe('unknown target')
})

const commandOf = (unikernel: Unikernel, file = 'dns.hvt') => howToRun(unikernel, file).command

test('tenders are given every device', () => {
  expect(commandOf(dns)).toBe('solo5-hvt --net:service=tap0 --block:storage=storage.img -- ./dns.hvt')
  expect(commandOf(router, 'router.spt')).toBe(
    'solo5-spt --net:public=tap0 --net:private=tap1 --net:spare=tap2 -- ./router.spt',
  )
  expect(commandOf(hello)).toBe('solo5-hvt -- ./dns.hvt')
})

test('a virtio unikernel has one device of a kind', () => {
  expect(commandOf({ ...dns, target: 'VIRTIO' })).toBe('solo5-virtio-run -n tap0 -d storage.img -- ./dns.hvt')
  const many = { ...dns, target: 'VIRTIO', netDevices: ['a', 'b'] }
  expect(commandOf(many)).toBe('solo5-virtio-run -n tap0 -d storage.img -- ./dns.hvt')
  expect(howToRun(many, 'x').note).toContain('the first of each kind')
})

test.each(['XEN', 'MUEN', 'GENODE', null])('%s: the text says that there is no command', (target) => {
  const { command, note } = howToRun({ ...dns, target }, 'dns.xen')
  expect(command).toBeNull()
  expect(note).not.toBe('')
})

test.each([
  ['$(reboot)', "solo5-hvt '--net:$(reboot)=tap0' -- ./a"],
  ["a'b; reboot", "solo5-hvt '--net:a'\\''b; reboot=tap0' -- ./a"],
  ['a\nreboot', null],
  ['a\x1b[2J', null],
  ['é', null],
  ['a\u202eb', null],
])('a device called %j does nothing to a shell', (name, expected) => {
  expect(commandOf({ ...hello, netDevices: [name] }, 'a')).toBe(expected)
})

test('a file name does nothing to a shell either', () => {
  expect(commandOf(hello, '-rf $x')).toBe("solo5-hvt -- './-rf $x'")
  expect(commandOf({ ...hello, blockDevices: ['a/../b'] }, 'x')).toBe(
    'solo5-hvt --block:a/../b=disk0.img -- ./x',
  )
})
