import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/layers.css';
import '@fontsource-variable/inter/opsz.css';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './theme/global.css';
import { App } from './app';
import { shareNonce } from './theme/nonce';

shareNonce();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
