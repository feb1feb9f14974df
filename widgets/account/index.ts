import { CarnetAccount } from './element';

customElements.define('carnet-account', CarnetAccount);
