import { CarnetLogin } from './element';

customElements.define('carnet-login', CarnetLogin);
