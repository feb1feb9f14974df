import { define } from '../kit/element';
import { CarnetPreferences } from './element';

define('carnet-preferences', CarnetPreferences);
