/** Which symbols this browser has pinned. Where storage is switched off they last as long as the page. */
import { useState } from 'react'
import { LISTINGS } from './listing.ts'

const KEY = 'holdfast.ticker.pinned'

const remembered = (): ReadonlySet<string> => {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    if (!Array.isArray(known)) return new Set()
    return new Set(LISTINGS.map(({ symbol }) => symbol).filter((symbol) => known.includes(symbol)))
  } catch {
    return new Set()
  }
}

export const usePins = (): readonly [ReadonlySet<string>, (symbol: string) => void] => {
  const [pinned, setPinned] = useState(remembered)
  const toggle = (symbol: string): void => {
    const next = new Set(pinned)
    if (!next.delete(symbol)) next.add(symbol)
    setPinned(next)
    try {
      localStorage.setItem(KEY, JSON.stringify([...next]))
    } catch {
      // Pinned for as long as the page lives.
    }
  }
  return [pinned, toggle]
}
