/** Where the person is: the fragment of the address, `#/<page>/<rest>`. Everything can be linked to and gone back to. */
import { useSyncExternalStore } from 'react'

export interface Route {
  /** Empty: the overview. */
  readonly page: string
  /** What the page makes of it: a room, a document. */
  readonly rest: readonly string[]
}

export const hrefOf = (page: string, ...rest: readonly string[]): string =>
  `#/${[page, ...rest].map(encodeURIComponent).join('/')}`

export const goTo = (page: string, ...rest: readonly string[]): void => {
  location.hash = hrefOf(page, ...rest)
}

const routeOf = (fragment: string): Route => {
  const [page = '', ...rest] = fragment.replace(/^#\/?/, '').split('/')
  try {
    return { page, rest: rest.filter((each) => each !== '').map(decodeURIComponent) }
  } catch {
    return { page, rest: [] }
  }
}

const listen = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

export const useRoute = (): Route => {
  const fragment = useSyncExternalStore(listen, () => location.hash)
  return routeOf(fragment)
}
