import { define } from '../kit/element';
import { CarnetAccount } from './element';

define('carnet-account', CarnetAccount);
