/** How wide the page is, in the steps that the layout knows. Views ask; only styles say where a step is otherwise. */
import { useSyncExternalStore } from 'react'

/** The delivery panel stands beside the messages. */
export const WIDE = '(min-width: 70rem)'
/** The rooms stand beside the messages. */
export const MEDIUM = '(min-width: 46rem)'

export const useMedia = (query: string): boolean =>
  useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
  )
