import { CarnetCheckout } from './element';

customElements.define('carnet-checkout', CarnetCheckout);
