/** Another amount than the next step, as people write it; what is no bid is refused in words before it is sent. */
import { type FormEvent, type JSX, useId, useState } from 'react'
import { maximumOf, minimumOf, type State } from '../../../examples/auction/lot.ts'
import { formatCents } from '../../../examples/auction/own-bid.ts'
import { parseCents } from './amount.ts'

export interface OtherAmountProps {
  readonly state: State
  readonly disabled: boolean
  readonly onBid: (cents: number) => void
}

export const OtherAmount = ({ state, disabled, onBid }: OtherAmountProps): JSX.Element => {
  const field = useId()
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const minimum = minimumOf(state)
  const maximum = maximumOf(state)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const cents = parseCents(text)
    if (cents === undefined) return setFault('That is no amount. Write it like 450 or 1,250.50.')
    if (cents < minimum) return setFault(`The next bid is ${formatCents(minimum)} or more.`)
    if (cents > maximum)
      return setFault(`A bid is at most ${formatCents(maximum)} now, in case it is a slip.`)
    setFault('')
    setText('')
    onBid(cents)
  }
  return (
    <form className="auction-other" onSubmit={submit} noValidate>
      <label htmlFor={field}>Another amount, in dollars</label>
      <div>
        <input
          id={field}
          inputMode="decimal"
          autoComplete="off"
          value={text}
          placeholder={(minimum / 100).toFixed(2)}
          aria-describedby={`${field}-fault`}
          aria-invalid={fault !== ''}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" disabled={disabled || text.trim() === ''}>
          Bid
        </button>
      </div>
      <p id={`${field}-fault`} className="auction-fault" role="status">
        {fault}
      </p>
    </form>
  )
}
