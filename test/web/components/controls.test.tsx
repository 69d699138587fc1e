// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { DownloadMenu } from '../../../web/charts/DownloadMenu.tsx'
import { PagerFragmentDoc, type PagerFragment } from '../../../web/gql/graphql.ts'
import { makeFragmentData } from '../../../web/gql/index.ts'
import { Pager } from '../../../web/paging/Pager.tsx'
import { Header } from '../../../web/shell/Header.tsx'
import { CopyButton } from '../../../web/ui/CopyButton.tsx'
import { Hash } from '../../../web/ui/Hash.tsx'
import { renderAt } from './render.tsx'

afterEach(() => vi.useRealTimers())

describe('the copy button', () => {
  function withClipboard(writeText: (text: string) => Promise<void>) {
    const write = vi.fn(writeText)
    vi.stubGlobal('navigator', { clipboard: { writeText: write } })
    return write
  }
  const click = () => act(async () => fireEvent.click(screen.getByRole('button')))

  test.each([
    ['a text', 'abc'],
    ['a text that is made when it is asked for', () => 'abc'],
  ])('copies %s and says so for two seconds', async (_, text) => {
    vi.useFakeTimers()
    const write = withClipboard(async () => {})
    renderAt('/', <CopyButton text={text} what="UUID" />)
    await click()
    expect(screen.getByRole('button').getAttribute('aria-label')).toBe('Copy UUID')
    expect(write).toHaveBeenCalledWith('abc')
    expect(screen.getByRole('status').textContent).toBe('Copied')
    act(() => void vi.advanceTimersByTime(1999))
    expect(screen.getByRole('status').textContent).toBe('Copied')
    act(() => void vi.advanceTimersByTime(1))
    expect(screen.getByRole('status').textContent).toBe('')
  })

  test('says when the browser refuses', async () => {
    withClipboard(() => Promise.reject(new Error('not allowed')))
    renderAt('/', <CopyButton text="abc" what="UUID" />)
    await click()
    expect(screen.getByRole('status').textContent).toBe('Copying failed')
  })

  test('says that there is no clipboard, such as without HTTPS', async () => {
    vi.stubGlobal('navigator', {})
    renderAt('/', <CopyButton text="abc" what="UUID" />)
    await click()
    expect(screen.getByRole('status').textContent).toBe('Copying failed')
  })

  test('of a hash that is cut copies the whole', async () => {
    const hash = '0123456789abcdef'.repeat(4)
    const write = withClipboard(async () => {})
    renderAt('/', <Hash value={hash} of="the main binary" />)
    expect(screen.getByText('012345…abcdef')).toBeDefined()
    await click()
    expect(screen.getByRole('button', { name: 'Copy SHA-256 of the main binary' })).toBeDefined()
    expect(write).toHaveBeenCalledWith(hash)
  })
})

describe('the pager', () => {
  function renderPager(address: string, page: Partial<PagerFragment>, prefix?: string) {
    const pageInfo = makeFragmentData(
      {
        __typename: 'PageInfo',
        hasNextPage: false,
        hasPreviousPage: false,
        startCursor: 'S',
        endCursor: 'E',
        ...page,
      },
      PagerFragmentDoc,
    )
    renderAt(address, <Pager pageInfo={pageInfo} label="Pages" prefix={prefix} />)
    return screen
      .queryAllByRole('link')
      .map((link) => `${link.textContent.trim()} ${link.getAttribute('href')}`)
  }

  test.each<[string, string, Partial<PagerFragment>, string | undefined, string[]]>([
    ['the only page', '/', {}, undefined, []],
    ['the first page', '/?q=x', { hasNextPage: true }, undefined, ['Older /?q=x&after=E&page=2']],
    [
      'a page in the middle',
      '/?after=A',
      { hasNextPage: true, hasPreviousPage: true },
      undefined,
      ['Newer /?before=S', 'Older /?after=E', 'First page /'],
    ],
    [
      'the last page, of which the server knows nothing before',
      '/?after=A',
      {},
      undefined,
      ['Newer /?before=S', 'First page /'],
    ],
    ['a page reached backwards', '/?before=A', {}, undefined, ['Older /?after=E']],
    [
      'the second list of a page',
      '/?after=A',
      { hasNextPage: true },
      'more-',
      ['Older /?after=A&more-after=E&more-page=2'],
    ],
    ['a place in the page', '/#builds', { hasNextPage: true }, undefined, ['Older /?after=E&page=2#builds']],
    ['marked lines of a console', '/#L3', { hasNextPage: true }, undefined, ['Older /?after=E&page=2']],
  ])('leads on from %s', (_, address, page, prefix, links) => {
    expect(renderPager(address, page, prefix)).toEqual(links)
  })
})

describe('the menu of files', () => {
  function renderMenu(save: () => Promise<void>) {
    renderAt(
      '/',
      <DownloadMenu what="picture" of="History" downloads={[{ label: 'CSV', hint: 'a table', save }]} />,
    )
    const button = screen.getByRole('button', { name: 'Save picture: History' })
    fireEvent.click(button)
    expect(button.getAttribute('aria-expanded')).toBe('true')
    return button
  }
  const pick = () => act(async () => fireEvent.click(screen.getByRole('button', { name: /^CSV/ })))

  test('saves, folds, says so, and has the focus again', async () => {
    const button = renderMenu(async () => {})
    await pick()
    expect(screen.getByRole('status').textContent).toBe('Saved as CSV.')
    expect(button.getAttribute('aria-expanded')).toBe('false')
    expect(document.activeElement).toBe(button)
    expect(screen.queryByRole('list')).toBeNull()
  })

  test('says why a file could not be saved', async () => {
    renderMenu(() => Promise.reject(new Error('out of memory')))
    await pick()
    expect(screen.getByRole('status').textContent).toBe('Could not be saved as CSV: out of memory')
  })

  test('closes with Escape and restores the focus', () => {
    const button = renderMenu(async () => {})
    const file = screen.getByRole('button', { name: /^CSV/ })
    act(() => file.focus())
    fireEvent.keyDown(file, { key: 'Escape' })
    expect(button.getAttribute('aria-expanded')).toBe('false')
    expect(document.activeElement).toBe(button)
  })

  test('folds when something else is pressed', () => {
    const button = renderMenu(async () => {})
    fireEvent.pointerDown(screen.getByRole('button', { name: /^CSV/ }))
    expect(button.getAttribute('aria-expanded')).toBe('true')
    fireEvent.pointerDown(document.body)
    expect(button.getAttribute('aria-expanded')).toBe('false')
  })
})

describe('the search form', () => {
  test('contains the search text, and leads to its results', async () => {
    const { shownAddress } = renderAt('/search?q=old', <Header showShortcuts={() => {}} />)
    const box = screen.getByRole('combobox', { name: 'Search jobs, packages, builds, files, or a SHA-256' })
    expect(box).toHaveProperty('value', 'old')
    fireEvent.change(box, { target: { value: 'dns & more' } })
    await act(async () => fireEvent.submit(screen.getByRole('search')))
    expect(shownAddress()).toBe('/search?q=dns+%26+more')
    expect(screen.getByRole('combobox')).toHaveProperty('value', 'dns & more')
  })

  test('the button with the question mark shows the keys', () => {
    const show = vi.fn()
    renderAt('/', <Header showShortcuts={show} />)
    fireEvent.click(screen.getByRole('button', { name: 'Keyboard shortcuts' }))
    expect(show).toHaveBeenCalledOnce()
  })
})
