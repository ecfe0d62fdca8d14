/** A question to the node that is asked anew each second while the page can be seen; what was answered stays meanwhile. */
import { useEffect, useState } from 'react'
import { AdminError, question } from './admin-api.ts'

const EACH_MS = 1_000

export interface Asked<T> {
  readonly path: string
  readonly answer: T | undefined
  /** The answer before it, to the same question. */
  readonly before: T | undefined
  readonly error: AdminError | undefined
}

/** @param turn another number asks at once. */
export const useAsked = <T>(path: string, turn = 0): Asked<T> => {
  const [asked, setAsked] = useState<Asked<T>>({
    path,
    answer: undefined,
    before: undefined,
    error: undefined,
  })
  useEffect(() => {
    const ended = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const again = (): void => {
      clearTimeout(timer)
      if (!ended.signal.aborted && !document.hidden) timer = setTimeout(() => void look(), EACH_MS)
    }
    const look = async (): Promise<void> => {
      try {
        const answer = (await question(path, ended.signal)) as T
        if (ended.signal.aborted) return
        setAsked((last) => ({
          path,
          answer,
          before: last.path === path ? last.answer : undefined,
          error: undefined,
        }))
      } catch (error) {
        if (ended.signal.aborted || !(error instanceof AdminError)) return
        setAsked((last) => ({
          ...(last.path === path ? last : { path, answer: undefined, before: undefined }),
          error,
        }))
      }
      again()
    }
    const seen = (): void => void (document.hidden || look())
    document.addEventListener('visibilitychange', seen)
    void look()
    return () => {
      ended.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
    }
  }, [path, turn])
  // What was answered to another question is not shown as the answer to this one.
  return asked.path === path ? asked : { path, answer: undefined, before: undefined, error: asked.error }
}
