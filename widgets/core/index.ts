/** The session client. The loader opens it once a page; widgets reach it through `Page.core`. */
export { open } from './session';
