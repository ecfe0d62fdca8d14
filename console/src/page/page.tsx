/** The page: which part of the console is shown. There is one part, the chat. */
import type { JSX } from 'react'
import { ChatPage } from '../chat/chat-page.tsx'
import { useRoomName } from './route.ts'

export const Page = (): JSX.Element => <ChatPage name={useRoomName()} />
