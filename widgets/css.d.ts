/** Style sheets are bundled as text: the build minifies them and elements adopt them. */
declare module '*.css' {
  const text: string;
  export default text;
}
