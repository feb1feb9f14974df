import { define } from '../kit/element';
import { CarnetRegistration } from './element';

define('carnet-registration', CarnetRegistration);
