import { define } from '../kit/element';
import { CarnetStatus } from './element';

define('carnet-status', CarnetStatus);
