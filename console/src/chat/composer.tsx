/** Where a message is written. What is written and not sent is kept per room, for this tab, until it is. */
import {
  type JSX,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useState,
} from 'react'
import { recall, remember } from '../page/storage.ts'

export interface ComposerProps {
  readonly room: string
  readonly disabled: boolean
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly draft: string
  readonly onDraft: (text: string) => void
  readonly onSend: (text: string) => void
}

/** For this tab, also over a reload. */
const tab = (): Storage => sessionStorage

export const useDraft = (channel: string): [string, (text: string) => void] => {
  const key = `holdfast.draft.${channel}`
  const [draft, setDraft] = useState(() => recall(key, tab) ?? '')
  const change = (text: string): void => {
    setDraft(text)
    remember(key, text, tab)
  }
  return [draft, change]
}

/** On a phone the return key makes a line, as everywhere there; the button sends. */
const returnSends = (): boolean => !matchMedia('(pointer: coarse)').matches

export const Composer = ({ room, disabled, field, draft, onDraft, onSend }: ComposerProps): JSX.Element => {
  const hint = useId()
  const empty = draft.trim() === ''

  useLayoutEffect(() => {
    const element = field.current
    if (element === null || CSS.supports('field-sizing', 'content')) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [draft, field])

  useEffect(() => {
    if (returnSends()) field.current?.focus({ preventScroll: true })
  }, [field])

  const send = (): void => {
    if (empty || disabled) return
    onSend(draft.replace(/\s+$/, ''))
    onDraft('')
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || !returnSends()) return
    event.preventDefault()
    send()
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div className="composer-field">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={draft}
          disabled={disabled}
          placeholder={`Message #${room}`}
          aria-label={`Message ${room}`}
          aria-describedby={hint}
          enterKeyHint={returnSends() ? 'send' : 'enter'}
          onChange={(event) => onDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="send" disabled={empty || disabled}>
          <span className="send-word">Send</span>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M8 13V3.5M3.5 8 8 3.5 12.5 8" />
          </svg>
        </button>
      </div>
      <p className="composer-hint" id={hint}>
        <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> makes a new line
      </p>
    </form>
  )
}
