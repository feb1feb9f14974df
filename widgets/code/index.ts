import { define } from '../kit/element';
import { CarnetCode } from './element';

define('carnet-code', CarnetCode);
