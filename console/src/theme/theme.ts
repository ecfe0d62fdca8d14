/** Which theme is shown: the system's, until the person chooses one. The choice is kept in this browser. */
import { useSyncExternalStore } from 'react'
import { recall, remember } from '../page/storage.ts'

export type Theme = 'light' | 'dark'

const KEY = 'holdfast.theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

const current = (): Theme => {
  const chosen = document.documentElement.dataset['theme']
  if (chosen === 'light' || chosen === 'dark') return chosen
  return system.matches ? 'dark' : 'light'
}

const changed = (): void => {
  for (const listener of listeners) listener()
}

system.addEventListener('change', changed)
addEventListener('storage', (event) => {
  if (event.key !== KEY) return
  apply(recall(KEY))
  changed()
})

const apply = (theme: string | undefined): void => {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme
  else delete document.documentElement.dataset['theme']
}

export const chooseTheme = (theme: Theme): void => {
  remember(KEY, theme)
  apply(theme)
  changed()
}

export const useTheme = (): Theme =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, current)
