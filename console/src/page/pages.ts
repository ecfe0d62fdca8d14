/** The pages of the console. Each is a file of its own, loaded when it is gone to. */
import { type ComponentType, lazy, type LazyExoticComponent } from 'react'

export interface PageProps {
  /** What follows the page in the address. */
  readonly rest: readonly string[]
}

export interface PageEntry {
  /** In the address, `#/<path>`. */
  readonly path: string
  readonly title: string
  readonly group: 'Use cases' | 'Tools'
  /** What can be done there, in a sentence of a few words. */
  readonly summary: string
  readonly View: LazyExoticComponent<ComponentType<PageProps>>
}

type Loaded = Promise<{ readonly View: ComponentType<PageProps> }>

const page = (entry: Omit<PageEntry, 'View'>, load: () => Loaded): PageEntry => ({
  ...entry,
  View: lazy(async () => ({ default: (await load()).View })),
})

export const PAGES: readonly PageEntry[] = [
  page(
    { path: 'chat', title: 'Chat', group: 'Use cases', summary: 'Rooms, history, who is here' },
    () => import('../chat/chat-page.tsx'),
  ),
  page(
    { path: 'lab', title: 'Transport lab', group: 'Tools', summary: 'Four transports, measured side by side' },
    () => import('../lab/lab-page.tsx'),
  ),
]
