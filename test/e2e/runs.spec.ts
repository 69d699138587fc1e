import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Page } from '@playwright/test'
import { testProgram } from '../programs.ts'
import { expect, expectAccessible, expectFit, expectNoSidewaysScroll, test as base } from './browser.ts'
import type { RunSiteCommand } from './run-site.ts'
import { uuids } from './samples.ts'

let site: ChildProcess
let url: string
const sockets = new Set<Socket>()

async function answer(): Promise<string> {
  const [message] = (await once(site, 'message')) as [{ answer?: string; error?: string }]
  if (message.answer === undefined) throw new Error(message.error)
  return message.answer
}

async function tell(command: RunSiteCommand): Promise<string> {
  site.send(command)
  return answer()
}

/** Connections to the site go through here, so that they can be cut. */
const proxy = createServer((client) => {
  const server = connect(Number(new URL(url).port), '127.0.0.1')
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(one)
    one.on('error', () => {}).on('close', () => (sockets.delete(one), other.destroy()))
    one.pipe(other)
  }
})
async function listen(): Promise<number> {
  if (!proxy.listening) await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return (proxy.address() as AddressInfo).port
}
const cut = () => sockets.forEach((socket) => socket.destroy())

const test = base.extend({
  baseURL: async ({}, use) => use(`http://127.0.0.1:${await listen()}`),
  allowedErrors: /Failed to load resource|net::ERR/,
})

test.describe.configure({ mode: 'default' })
test.beforeAll(async () => {
  site = fork(testProgram('run-site'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  url = await answer()
})
test.afterAll(async () => {
  site.disconnect()
  cut()
  proxy.close()
  await once(site, 'exit')
})

const output = (page: Page) => page.getByRole('region', { name: 'Console output' })
const lines = (page: Page) => page.getByRole('table', { name: 'Console lines' })
const line = (page: Page, number: number) => lines(page).locator(`[role=row][aria-rowindex="${number}"]`)
const hasLines = (page: Page, count: number) =>
  expect(lines(page)).toHaveAttribute('aria-rowcount', String(count))
const topOf = (page: Page) => output(page).evaluate((box) => box.scrollTop)

test('a queued run says its place and why it waits, and starts before the eyes', async ({ page }) => {
  await tell({ do: 'queue', job: 'waiting-1', platform: 'netbsd-10' })
  const uuid = await tell({ do: 'queue', job: 'waiting-2', platform: 'netbsd-10' })
  await page.goto(`/runs/${uuid}`)
  await expect(page).toHaveTitle('Run of waiting-2 on netbsd-10 · Builder Hub')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('waiting-2 on netbsd-10')
  await expect(page.getByText('One run is before it: no worker is connected.')).toBeVisible()
  await expectAccessible(page)
  const first = await tell({ do: 'takeAgain', platform: 'netbsd-10' })
  await expect(page.getByText('It is next: all workers are busy.')).toBeVisible()
  await tell({ do: 'finish', uuid: first, code: 0 })
  expect(await tell({ do: 'takeAgain', platform: 'netbsd-10' })).toBe(uuid)
  await expect(page.getByRole('status').filter({ hasText: 'Runs on worker-netbsd-10' })).toBeVisible()
  await expect(page.getByText('Nothing was printed yet.')).toBeVisible()
  await tell({ do: 'finish', uuid, code: 0 })
})

test('a run streams; who scrolls up is not moved, follows again, and sees what came of it', async ({
  page,
}) => {
  const uuid = await tell({ do: 'take', job: 'steady', platform: 'debian-12' })
  await tell({ do: 'print', uuid, from: 0, to: 500 })
  await page.goto(`/runs/${uuid}`)
  await hasLines(page, 500)
  await expect(line(page, 500)).toBeInViewport()
  await expect(page.getByRole('progressbar', { name: 'Time so far' })).toBeVisible()
  await expect(page.getByText(/of about 1m 02s|longer than usual/)).toBeVisible()
  await tell({ do: 'print', uuid, from: 500, to: 800 })
  await expect(line(page, 800)).toBeInViewport()
  for (const width of [1400, 768]) {
    await page.setViewportSize({ width, height: 900 })
    await expectNoSidewaysScroll(page)
  }
  await expectFit(page)
  await page.setViewportSize({ width: 1280, height: 900 })

  await output(page).hover()
  await page.mouse.wheel(0, -2_000)
  const follow = page.getByRole('button', { name: 'Follow', exact: true })
  await expect(follow).toBeVisible()
  let before = -1
  // The wheel may still turn.
  await expect.poll(async () => before === (before = await topOf(page))).toBe(true)
  await tell({ do: 'print', uuid, from: 800, to: 1_200 })
  await hasLines(page, 1_200)
  expect(await topOf(page)).toBe(before)
  await follow.click()
  await expect(line(page, 1_200)).toBeInViewport()
  await expect(follow).toBeHidden()

  await page.getByRole('searchbox', { name: 'Search in the console' }).fill('line 77')
  await expect(page.getByText('11 lines', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Go to the end and stay there' }).click()
  await tell({ do: 'finish', uuid, code: 0 })
  // What is looked for is in the address, and goes along.
  await expect(page).toHaveURL(new RegExp(`/job/steady/build/${uuid}\\?find=line\\+77$`))
  await expect(page.getByText('exited 0')).toBeVisible()
  expect(await page.evaluate(() => window.scrollY)).toBe(0)
  // The run's page is no place to go back to.
  await page.goto(`/runs/${uuid}`)
  await expect(page.getByText('Done', { exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: 'build stored' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'on the page of the build' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Schedule and runs of steady' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Open the build' }).click()
  await expect(page).toHaveURL(new RegExp(`/job/steady/build/${uuid}$`))
  await expect(page.getByRole('link', { name: 'worker-debian-12' })).toBeVisible()
  await page.getByRole('link', { name: 'this run' }).click()
  await expect(page).toHaveURL(new RegExp(`/runs/${uuid}$`))
})

test('whoever reads in the console goes on reading there when the run ends', async ({ page }) => {
  const uuid = await tell({ do: 'take', job: 'read', platform: 'debian-12' })
  await tell({ do: 'print', uuid, from: 0, to: 3_000 })
  await page.goto(`/runs/${uuid}`)
  await hasLines(page, 3_000)
  await expect(line(page, 3_000)).toBeInViewport()
  await output(page).hover()
  await page.mouse.wheel(0, -1_000)
  await output(page).evaluate((box) => box.scrollTo({ top: 1_500 * 20 }))
  await expect(line(page, 1_505)).toBeInViewport()
  await tell({ do: 'finish', uuid, code: 0 })
  await expect(page).toHaveURL(new RegExp(`/job/read/build/${uuid}$`))
  await expect(page.getByText('3,000 lines', { exact: true })).toBeVisible()
  await expect(line(page, 1_505)).toBeInViewport()
})

test('when a run fails, its console stays where it is on the screen', async ({ page }) => {
  const uuid = await tell({ do: 'take', job: 'failing', platform: 'debian-12' })
  await tell({ do: 'print', uuid, from: 0, to: 300 })
  await page.goto(`/runs/${uuid}`)
  await expect(line(page, 300)).toBeInViewport()
  const box = page.getByRole('group', { name: 'Lines of the console' })
  const topOfBox = () => box.evaluate((element) => Math.round(element.getBoundingClientRect().top))
  const before = await topOfBox()
  await tell({ do: 'finish', uuid, code: 1 })
  await expect(page).toHaveURL(new RegExp(`/job/failing/build/${uuid}$`))
  await expect(line(page, 300)).toBeInViewport()
  await expect(page.getByText('the build has failed: above is why')).toBeVisible()
  await expect.poll(async () => Math.abs((await topOfBox()) - before)).toBeLessThanOrEqual(4)
})

test('after a cut no line is missing and none comes twice', async ({ page }) => {
  const uuid = await tell({ do: 'take', job: 'cut', platform: 'debian-12' })
  await tell({ do: 'print', uuid, from: 0, to: 100 })
  await page.goto(`/runs/${uuid}?view=console`)
  await hasLines(page, 100)
  for (let n = 0; n < 3; n++) {
    cut()
    await tell({ do: 'print', uuid, from: 100 + n * 50, to: 150 + n * 50 })
    await hasLines(page, 150 + n * 50)
  }
  for (const number of [1, 100, 101, 150, 151, 250]) {
    await output(page).evaluate((box, top) => box.scrollTo({ top }), (number - 1) * 20)
    await expect(line(page, number)).toContainText(`line ${number}`)
  }
  await tell({ do: 'finish', uuid, code: 1 })
  await expect(page).toHaveURL(new RegExp(`/job/cut/build/${uuid}\\?view=console$`))
})

test('a run that is put back starts anew, and says why', async ({ page }) => {
  const uuid = await tell({ do: 'take', job: 'unlucky', platform: 'debian-12' })
  await tell({ do: 'print', uuid, from: 0, to: 30 })
  await page.goto(`/runs/${uuid}`)
  await hasLines(page, 30)
  await tell({ do: 'lose', uuid, why: 'the worker hung up' })
  await expect(page.getByText('Waits again', { exact: true })).toBeVisible()
  const second = await tell({ do: 'takeAgain', platform: 'debian-12' })
  await tell({ do: 'print', uuid: second, from: 0, to: 7 })
  await hasLines(page, 7)
  const tries = page.getByRole('region', { name: 'Tries' }).getByRole('listitem')
  await expect(tries).toHaveCount(2)
  await expect(tries.first()).toContainText('put back: the worker hung up')
  await tell({ do: 'finish', uuid: second, code: 0 })
  await expect(page).toHaveURL(new RegExp(`/job/unlucky/build/${second}$`))
  // Its first try leads to the run, and so does its last.
  for (const address of [uuid, second]) {
    await page.goto(`/runs/${address}`)
    await expect(tries).toHaveCount(2)
  }
})

test('what runs is on the page of its worker, and on that of its job', async ({ page }) => {
  const first = await tell({ do: 'take', job: 'shown', platform: 'debian-12' })
  await tell({ do: 'finish', uuid: first, code: 0 })
  await tell({ do: 'run', job: 'shown' })
  const uuid = await tell({ do: 'takeAgain', platform: 'debian-12' })
  await page.goto('/workers')
  const row = page
    .getByRole('table', { name: 'Connected workers' })
    .getByRole('row', { name: /worker-debian-12/ })
  await expect(row).toContainText('builder’s protocol')
  await expect(row.getByRole('link', { name: 'shown' })).toHaveAttribute('href', `/runs/${uuid}`)
  await expectFit(page)
  await page.goto('/job/shown')
  const schedule = page.getByRole('group', { name: 'Schedule' })
  await expect(schedule).toContainText('Built when somebody asks')
  const run = schedule.getByRole('link', { name: 'runs (shown)' })
  await expect(run).toHaveAttribute('href', `/runs/${uuid}`)
  await expectFit(page)
  await tell({ do: 'finish', uuid, code: 0 })
  await expect(schedule.getByRole('link')).toHaveText(['Built when somebody asks'])
})

test('a build is built again from its page by who may', async ({ page }) => {
  const before = await tell({ do: 'take', job: 'before', platform: 'debian-12' })
  await tell({ do: 'finish', uuid: before, code: 0 })
  const address = `/job/steady/build/${uuids.repeatable}`
  await page.goto(address)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Rebuild now' })).toHaveCount(0)
  await page.goto(`/login?next=${address}`)
  await page.getByLabel('Name').fill('planner')
  await page.getByLabel('Password').fill('secret secret')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Rebuild now' }).click()
  const dialog = page.getByRole('dialog', { name: 'Build this again?' })
  await expect(dialog.getByLabel('Platform')).toHaveValue('debian-12')
  await dialog.getByLabel('Platform').fill('plan-9')
  await dialog.getByRole('button', { name: 'Rebuild now' }).click()
  await expect(dialog.getByRole('alert')).toContainText('plan-9')
  await expectAccessible(page)
  await dialog.getByLabel('Platform').fill('debian-12')
  await dialog.getByLabel('Why').fill('a doubt')
  await dialog.getByRole('button', { name: 'Rebuild now' }).click()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  const uuid = await tell({ do: 'takeAgain', platform: 'debian-12' })
  await expect(page).toHaveURL(new RegExp(`/runs/${uuid}$`))
  await expect(page.getByText('a doubt')).toBeVisible()
  await tell({ do: 'finish', uuid, code: 0 })
  await expect(page).toHaveURL(new RegExp(`/job/steady/build/${uuid}$`))
})

test('a hundred thousand lines come without a hitch', async ({ page }) => {
  const uuid = await tell({ do: 'take', job: 'large', platform: 'debian-12' })
  await page.goto(`/runs/${uuid}`)
  for (let from = 0; from < 100_000; from += 10_000)
    await tell({ do: 'print', uuid, from, to: from + 10_000 })
  await hasLines(page, 100_000)
  await expect(line(page, 100_000)).toBeInViewport()
  expect(await lines(page).getByRole('row').count()).toBeLessThan(150)
  await output(page).focus()
  await page.keyboard.press('Home')
  await expect(line(page, 1)).toBeInViewport()
  await tell({ do: 'finish', uuid, code: 0 })
  await expect(page).toHaveURL(new RegExp(`/job/large/build/${uuid}$`))
})

test('there is no run', async ({ page }) => {
  for (const address of ['0'.repeat(8) + '-0000-0000-0000-000000000000', 'nonsense']) {
    await page.goto(`/runs/${address}`)
    await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible()
  }
})
