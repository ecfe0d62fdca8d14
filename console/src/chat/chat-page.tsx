/** The chat, and simulated traffic beside it, so that a change of transport can be watched losing nothing. */
import { type JSX, useEffect } from 'react'
import { Chat } from '../../../examples/chat/chat.tsx'
import { TrafficControl } from '../connection/traffic-control.tsx'
import type { PageProps } from '../page/pages.ts'
import { hrefOf } from '../page/route.ts'
import { UseCase } from '../page/use-case.tsx'
import { usePerson } from '../person/person.ts'

export const View = ({ rest: [room = 'lobby'] }: PageProps): JSX.Element => {
  const person = usePerson()
  useEffect(() => {
    document.title = `${room} · Chat · Holdfast`
  }, [room])
  return (
    <UseCase
      title="Chat"
      summary="Rooms, history, and who is here. What is written offline is sent later."
      panel={<TrafficControl />}
    >
      <Chat person={person} room={room} hrefOf={(name) => hrefOf('chat', name)} />
    </UseCase>
  )
}
