/** Starts the page. */
import { createRoot } from 'react-dom/client'
import { Page } from './page/page.tsx'
import '../../examples/tokens.css'
import './page/page.css'
import './page/controls.css'
import './connection/delivery.css'
import './person/person.css'

const root = document.getElementById('page')
if (root === null) throw new Error('index.html has no element #page')
createRoot(root).render(<Page />)
