/** Which symbols this browser has pinned. Where storage is switched off they last as long as the page. */
import { useCallback, useEffect, useState } from 'react'
import { LISTINGS } from '../../../examples/ticker/listing.ts'
import { recallJson, remember } from '../page/storage.ts'

const KEY = 'holdfast.ticker.pinned'

const remembered = (): ReadonlySet<string> => {
  const known = recallJson(KEY)
  if (!Array.isArray(known)) return new Set()
  return new Set(LISTINGS.map(({ symbol }) => symbol).filter((symbol) => known.includes(symbol)))
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
  useEffect(() => remember(KEY, JSON.stringify([...pinned])), [pinned])
  return [pinned, toggle]
}
