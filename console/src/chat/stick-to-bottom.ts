/** Keeps a list at its end while the person is there, and where they read while they are not. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Closer to the end than this counts as being there, pixels. */
const NEAR_PX = 48

export interface Stuck {
  readonly list: RefObject<HTMLDivElement | null>
  readonly atBottom: boolean
  readonly onScroll: () => void
  readonly toBottom: () => void
}

/** @param version changes with what is listed. @param firstKey changes when something was put before the rest. */
export const useStickToBottom = (version: unknown, firstKey: string | undefined): Stuck => {
  const list = useRef<HTMLDivElement>(null)
  const stuck = useRef(true)
  const heightBefore = useRef(0)
  const firstBefore = useRef(firstKey)
  const [atBottom, setAtBottom] = useState(true)

  const onScroll = useCallback((): void => {
    const element = list.current
    if (element === null) return
    stuck.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX
    setAtBottom(stuck.current)
  }, [])

  const toBottom = useCallback((): void => {
    stuck.current = true
    setAtBottom(true)
    list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [])

  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return
    if (stuck.current) element.scrollTop = element.scrollHeight
    else if (firstKey !== firstBefore.current)
      element.scrollTop += element.scrollHeight - heightBefore.current
    heightBefore.current = element.scrollHeight
    firstBefore.current = firstKey
  }, [version, firstKey])

  useEffect(() => {
    const element = list.current
    if (element === null) return undefined
    // A keyboard on a phone, a composer that grows: the end stays in sight.
    const observer = new ResizeObserver(() => {
      if (stuck.current) element.scrollTop = element.scrollHeight
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  return { list, atBottom, onScroll, toBottom }
}
