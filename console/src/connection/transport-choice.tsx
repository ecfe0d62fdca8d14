/** The switch between transports: it changes the one in use while messages flow, and says what could not be had. */
import { type JSX, useId, useState } from 'react'
import { TransportError } from 'holdfast'
import { useClient, useConnection } from 'holdfast/react'
import type { Wanted } from './client.ts'
import { TransportGlyph } from './transport-glyph.tsx'
import { EXPLANATIONS, TITLES, TRANSPORTS } from './transports.ts'

export const TransportChoice = (): JSX.Element => {
  const client = useClient()
  const { wanted, transport } = useConnection()
  const [asked, setAsked] = useState<Wanted>()
  const [failure, setFailure] = useState<string>()
  const name = useId()

  const choose = (choice: Wanted): void => {
    setAsked(choice)
    setFailure(undefined)
    client.use(choice).then(
      () => setAsked(undefined),
      (error: unknown) => {
        if (error instanceof TransportError && error.code === 'superseded') return
        setAsked(undefined)
        const title = choice === 'auto' ? 'Auto' : TITLES[choice]
        setFailure(`${title} cannot be used here: ${(error as Error).message}. ${TITLES[transport]} goes on.`)
      },
    )
  }

  const option = (choice: Wanted, title: string, explanation: string): JSX.Element => (
    <label
      className="choice"
      key={choice}
      data-transport={choice}
      data-in-use={choice === transport || undefined}
    >
      <input
        type="radio"
        name={name}
        value={choice}
        checked={(asked ?? wanted) === choice}
        onChange={() => choose(choice)}
      />
      {choice === 'auto' ? (
        <span className="glyph auto-glyph" aria-hidden="true" />
      ) : (
        <TransportGlyph transport={choice} />
      )}
      <span className="choice-text">
        <span className="choice-title">{title}</span>
        <span className="choice-explanation">
          {asked === choice && choice !== transport && choice !== 'auto'
            ? 'Opening beside the present one …'
            : explanation}
        </span>
      </span>
      {choice === transport && <span className="choice-in-use">in use</span>}
    </label>
  )

  return (
    <fieldset className="choices">
      <legend>
        Transport <span className="quiet">Switch it while messages flow: none is lost.</span>
      </legend>
      {option('auto', 'Auto', 'The fastest that works here')}
      {TRANSPORTS.map((each) => option(each, TITLES[each], EXPLANATIONS[each]))}
      <p className="failure" role="alert">
        {failure}
      </p>
    </fieldset>
  )
}
