/** The notebook with a C: Carnet's mark. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect x="3" y="2" width="26" height="28" rx="7" fill="var(--mantine-color-pine-7)" />
      <path d="M9.5 2v28" stroke="#fff" strokeOpacity=".32" strokeWidth="1.6" />
      <path d="M23.6 12.3a5.7 5.7 0 1 0 0 7.4" fill="none" stroke="#fff" strokeWidth="2.8" strokeLinecap="round" />
    </svg>
  );
}
