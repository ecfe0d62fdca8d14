/** The pages of the console. Each is a file of its own, loaded when it is gone to. */
import type { ComponentType } from 'react'
import type { Features } from './features.ts'

export interface PageProps {
  /** What follows the page in the address. */
  readonly rest: readonly string[]
}

export interface PageModule {
  readonly View: ComponentType<PageProps>
}

export interface PageEntry {
  /** In the address, `#/<path>`. Empty: the overview. */
  readonly path: string
  readonly title: string
  readonly group: 'Start' | 'Use cases' | 'Tools'
  /** What can be done there, in a sentence of a few words. */
  readonly summary: string
  /** What the node has to offer for it. Default: use cases need the node's half of them, tools nothing. */
  readonly needs?: keyof Features | undefined
  readonly load: () => Promise<PageModule>
}

const page = (entry: Omit<PageEntry, 'load'>, load: PageEntry['load']): PageEntry => ({
  needs: entry.group === 'Use cases' ? 'examples' : undefined,
  ...entry,
  load,
})

export const OVERVIEW: PageEntry = page(
  { path: '', title: 'Overview', group: 'Start', summary: 'One log, four ways along it' },
  () => import('../overview/overview-page.tsx'),
)

export const PAGES: readonly PageEntry[] = [
  page(
    {
      path: 'chat',
      title: 'Chat',
      group: 'Use cases',
      summary: 'Rooms, history, who is here and who writes',
      needs: undefined,
    },
    () => import('../chat/chat-page.tsx'),
  ),
  page(
    { path: 'game', title: 'Game', group: 'Use cases', summary: 'Several ships in one arena' },
    () => import('../game/game-page.tsx'),
  ),
  page(
    {
      path: 'ticker',
      title: 'Ticker',
      group: 'Use cases',
      summary: 'Thousands of prices, the latest of each',
    },
    () => import('../ticker/ticker-page.tsx'),
  ),
  page(
    { path: 'editor', title: 'Editor', group: 'Use cases', summary: 'One text, many hands, offline too' },
    () => import('../editor/editor-page.tsx'),
  ),
  page(
    { path: 'scores', title: 'Scores', group: 'Use cases', summary: 'Live matches, and what you missed' },
    () => import('../scores/scores-page.tsx'),
  ),
  page(
    {
      path: 'auction',
      title: 'Auction',
      group: 'Use cases',
      summary: 'Bids decided in order, outbid at once',
    },
    () => import('../auction/auction-page.tsx'),
  ),
  page(
    {
      path: 'lab',
      title: 'Transport lab',
      group: 'Tools',
      summary: 'Four transports, measured side by side',
      needs: 'lab',
    },
    () => import('../lab/lab-page.tsx'),
  ),
  page(
    {
      path: 'inspector',
      title: 'Inspector',
      group: 'Tools',
      summary: 'One connection taken apart, byte by byte',
    },
    () => import('../inspector/inspector-page.tsx'),
  ),
  page(
    { path: 'admin', title: 'Admin', group: 'Tools', summary: 'Channels, sessions, rates, limits' },
    () => import('../admin/admin-page.tsx'),
  ),
]

/** The page at an address; undefined where there is none. */
export const pageAt = (path: string): PageEntry | undefined =>
  path === OVERVIEW.path ? OVERVIEW : PAGES.find((each) => each.path === path)
