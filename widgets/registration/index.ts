import { CarnetRegistration } from './element';

customElements.define('carnet-registration', CarnetRegistration);
