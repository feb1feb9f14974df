import { CarnetCode } from './element';

customElements.define('carnet-code', CarnetCode);
