import type { Page } from '@playwright/test'
import { switches, switchJob } from './dependencies-samples.ts'

export const build = (name: keyof typeof switches) => `/job/${switchJob}/build/${switches[name]}`
export const viz = (name: keyof typeof switches) => `${build(name)}/vizdependencies`

export const section = (page: Page) => page.getByRole('region', { name: 'Dependencies', exact: true })
export const drawing = (page: Page) => page.getByRole('group', { name: /^Dependencies of/ })
export const about = (page: Page, name: string) => page.getByRole('region', { name: `About ${name}` })
/** A direct dependency; dots of the same name come before it in fans. */
export const direct = (page: Page, name: string) =>
  drawing(page)
    .getByRole('button', { name: new RegExp(`^${name} 1\\.0, direct`) })
    .last()

export const zoomButton = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Zoom' }).getByRole('button', { name })
export const zoomed = (page: Page) => page.getByRole('group', { name: 'Zoom' }).getByRole('status')
/** The names in the drawing, without those around the circle; the root has its name always. */
export const names = (page: Page) => drawing(page).locator('[data-screen-only] text')
