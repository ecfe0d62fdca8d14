/** Which symbols this browser has pinned. Where storage is switched off they last as long as the page. */
import { useCallback, useEffect, useState } from 'react'
import { LISTINGS } from '../../../examples/ticker/listing.ts'

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
  const toggle = useCallback((symbol: string): void => {
    setPinned((before) => {
      const next = new Set(before)
      if (!next.delete(symbol)) next.add(symbol)
      return next
    })
  }, [])
  useEffect(() => {
    try {
      localStorage.setItem(KEY, JSON.stringify([...pinned]))
    } catch {
      // Pinned for as long as the page lives.
    }
  }, [pinned])
  return [pinned, toggle]
}
