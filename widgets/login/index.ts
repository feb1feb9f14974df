import { define } from '../kit/element';
import { CarnetLogin } from './element';

define('carnet-login', CarnetLogin);
