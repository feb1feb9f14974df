import { define } from '../kit/element';
import { CarnetPasskey } from './element';

export { make, signIn } from './ceremony';
export { suggest } from './suggest';
export { withOwn } from './texts';

define('carnet-passkey', CarnetPasskey);
