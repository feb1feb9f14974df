import { CarnetStatus } from './element';

customElements.define('carnet-status', CarnetStatus);
