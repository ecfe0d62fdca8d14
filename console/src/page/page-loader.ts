/** Loads pages, each once. One that could not be loaded is asked for again only when somebody says so. */
import type { ComponentType } from 'react'
import type { PageEntry, PageProps } from './pages.ts'

/** The page's file could not be had: the network is gone, or the node has other files by now. */
export class PageLoadError extends Error {
  constructor(title: string, cause: unknown) {
    super(`${title} could not be loaded`, { cause })
    this.name = 'PageLoadError'
  }
}

type View = ComponentType<PageProps>

const loaded = new Map<PageEntry, Promise<View>>()

/** The same promise for as long as it is not forgotten. */
export const viewOf = (entry: PageEntry): Promise<View> => {
  const known = loaded.get(entry)
  if (known !== undefined) return known
  const view = load(entry)
  loaded.set(entry, view)
  return view
}

const load = async (entry: PageEntry): Promise<View> => {
  try {
    return (await entry.load()).View
  } catch (error) {
    throw new PageLoadError(entry.title, error)
  }
}

export const forget = (entry: PageEntry): void => {
  loaded.delete(entry)
}

/** Somebody is about to go there. */
export const preload = (entry: PageEntry): void => {
  viewOf(entry).catch(() => forget(entry))
}
