/** Who the person at this browser is: an id that stays, and a name that they may change. Both are kept here only. */
import { useSyncExternalStore } from 'react'
import { recallJson, remember } from '../page/storage.ts'
import { newId } from '../page/ids.ts'
import { inventName } from './invented-name.ts'

export interface Person {
  readonly id: string
  readonly name: string
}

export const MAX_NAME_LENGTH = 40

const KEY = 'holdfast.person'
const listeners = new Set<() => void>()

/** A value from elsewhere as a person; undefined when it is none. */
export const personOf = (value: unknown): Person | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, name } = value as Record<string, unknown>
  if (typeof id !== 'string' || id === '' || typeof name !== 'string') return undefined
  const tidy = tidyName(name)
  return tidy === '' ? undefined : { id, name: tidy }
}

const tidyName = (name: string): string => name.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_NAME_LENGTH)

const remembered = personOf(recallJson(KEY))
let current: Person = remembered ?? { id: newId(), name: inventName() }
if (remembered === undefined) remember(KEY, JSON.stringify(current))

addEventListener('storage', (event) => {
  const other = event.key === KEY ? personOf(recallJson(KEY)) : undefined
  if (other !== undefined) become(other)
})

const become = (person: Person): void => {
  current = person
  for (const listener of listeners) listener()
}

export const person = (): Person => current

/** Blank names change nothing. */
export const rename = (name: string): void => {
  const tidy = tidyName(name)
  if (tidy === '' || tidy === current.name) return
  become({ ...current, name: tidy })
  remember(KEY, JSON.stringify(current))
}

export const usePerson = (): Person =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, person)
