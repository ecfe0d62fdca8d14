/** The node's time at this page: matches run by it, whatever this machine's clock says. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient, useConnection } from 'holdfast/react'
import { askNow } from '../../../examples/scores/away.ts'

const SECOND_MS = 1_000

export interface ServerClock {
  /** Milliseconds since 1970, as the node has it; drawn anew every second. */
  readonly nowMs: number
  /** The same, at this moment. */
  readonly now: () => number
  /** The node has been asked. */
  readonly known: boolean
}

export const useServerClock = (): ServerClock => {
  const client = useClient()
  const { status } = useConnection()
  const aheadMs = useRef(0)
  const [known, setKnown] = useState(false)
  const [nowMs, setNowMs] = useState(() => Date.now())
  const now = useCallback((): number => Date.now() + aheadMs.current, [])

  useEffect(() => {
    if (status !== 'connected') return
    const askedMs = Date.now()
    askNow(client).then(
      (nowMs) => {
        // The answer took as long as the question.
        aheadMs.current = nowMs - (askedMs + Date.now()) / 2
        setNowMs(now())
        setKnown(true)
      },
      // Asked again with the next connection; until then this machine's clock has to do.
      () => undefined,
    )
  }, [client, status, now])

  useEffect(() => {
    const timer = setInterval(() => setNowMs(now()), SECOND_MS)
    return () => clearInterval(timer)
  }, [now])

  return { nowMs, now, known }
}
