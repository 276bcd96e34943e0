/** The mark of Leasewire: a line that ends at a client. */
export function BrandMark({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="6" fill="#0d2a33" />
      <path d="M8 7v15h9" fill="none" stroke="#5fd0e0" strokeWidth="3.2" strokeLinecap="square" />
      <circle cx="22" cy="22" r="4" fill="#f2b84b" />
    </svg>
  );
}
