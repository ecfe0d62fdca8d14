/** How the answer proves that it read the request (RFC 6455 §4.2.2), computed here, step by step. */
import { type JSX, useEffect, useState } from 'react'
import { ACCEPT_GUID, hexadecimal } from 'holdfast/websocket/frames'

export interface AcceptDerivationProps {
  readonly keyText: string
  /** What the answer said. */
  readonly accept: string | undefined
}

interface Derived {
  readonly hash: string
  readonly base64: string
}

const derive = async (key: string): Promise<Derived> => {
  const hash = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(key + ACCEPT_GUID))
  const bytes = new Uint8Array(hash)
  return { hash: hexadecimal(bytes), base64: btoa(String.fromCharCode(...bytes)) }
}

export const AcceptDerivation = ({ keyText, accept }: AcceptDerivationProps): JSX.Element => {
  const [derived, setDerived] = useState<Derived>()
  useEffect(() => {
    let current = true
    derive(keyText).then(
      (result) => current && setDerived(result),
      // Where the browser gives pages no SHA-1, the step is only described.
      () => undefined,
    )
    return () => {
      current = false
    }
  }, [keyText])
  return (
    <section className="derivation">
      <h3>Where Sec-WebSocket-Accept comes from</h3>
      <ol>
        <li>
          <span>The key, as the request said it</span>
          <code>{keyText}</code>
        </li>
        <li>
          <span>and behind it, as text, a constant that no other protocol would add</span>
          <code>
            {keyText}
            <wbr />
            <mark>{ACCEPT_GUID}</mark>
          </code>
        </li>
        <li>
          <span>SHA-1 of that, 20 bytes</span>
          <code>{derived?.hash ?? '…'}</code>
        </li>
        <li>
          <span>in base64</span>
          <code data-derived>{derived?.base64 ?? '…'}</code>
        </li>
      </ol>
      {derived !== undefined && (
        <p className={derived.base64 === accept ? 'derivation-holds' : 'bad'}>
          {derived.base64 === accept
            ? '✓ The answer said the same: whoever answered had read the request, and is no cache.'
            : `✗ The answer said ${accept ?? 'nothing'}.`}
        </p>
      )}
    </section>
  )
}
