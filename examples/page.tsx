/** The page on which `npm run example -- <name>` shows one example: a client, a person, and nothing else. */
import { createElement, type FunctionComponent, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { connect } from 'holdfast'
import { HoldfastProvider } from 'holdfast/react'
// Which example it is, is known when the page is served.
import { View } from 'virtual:example'
import './tokens.css'
import './page.css'

const Example = View as FunctionComponent<{ readonly person: { readonly id: string; readonly name: string } }>

/** Somebody else in each tab, so that two tabs are two people. */
const number = Math.floor(Math.random() * 1_000)
const person = { id: `visitor-${number}`, name: `Visitor ${number}` }

createRoot(document.getElementById('example') as HTMLElement).render(
  <StrictMode>
    <HoldfastProvider client={connect(location.origin)}>
      {createElement(Example, { person })}
    </HoldfastProvider>
  </StrictMode>,
)
