import { define } from '../kit/element';
import { CarnetCheckout } from './element';

define('carnet-checkout', CarnetCheckout);
