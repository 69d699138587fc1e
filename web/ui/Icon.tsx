const paths = {
  check: 'm3 8.5 3.2 3.2L13 4.8',
  cross: 'm4 4 8 8m0-8-8 8',
  unequal: 'M3 6h10M3 10h10M10.5 3l-5 10',
  once: 'M8 12.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Z',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  copy: 'M5.5 5.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2m-7-5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Z',
  download: 'M8 2.5v7m0 0 3-3m-3 3-3-3m-2.5 6h11',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2',
  up: 'm4 10 4-4 4 4',
  down: 'm4 6 4 4 4-4',
  top: 'M3.5 3h9M8 13.5V6m0 0L5 9m3-3 3 3',
  end: 'M3.5 13h9M8 2.5V10m0 0 3-3m-3 3L5 7',
  wrap: 'M2.5 4h11m-11 4h8.5a2.3 2.3 0 0 1 0 4.6H8m0 0 1.6-1.6M8 12.6l1.6 1.5M2.5 12H5',
  expand: 'M9.5 2.5h4v4m0-4L9 7m-2.5 6.5h-4v-4m0 4L7 9',
  shrink: 'M13.5 6.5h-4v-4m0 4L14 2m-11.5 7.5h4v4m0-4L2 14',
  sun: 'M8 10.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4ZM8 1.5v1.3m0 10.4v1.3M1.5 8h1.3m10.4 0h1.3M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9',
  moon: 'M13.3 9.7A5.7 5.7 0 0 1 6.3 2.7a5.7 5.7 0 1 0 7 7Z',
  system: 'M8 2.5a5.5 5.5 0 1 0 0 11Zm0 0a5.5 5.5 0 0 1 0 11',
  info: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12Zm0-6.7v3.7M8 5v.1',
  swap: 'M2.5 5.5h10m0 0-3-3m3 3-3 3m4 2h-10m0 0 3-3m-3 3 3 3',
  alarm: 'M8 2.2 14.4 13.4H1.6ZM8 6.5v3.2m0 1.9v.1',
  forward: 'm6 3.5 4.5 4.5L6 12.5',
  feed: 'M3 3.5A9.5 9.5 0 0 1 12.5 13M3 7.5A5.5 5.5 0 0 1 8.5 13M4 12.5a.5.5 0 1 0 0-1 .5.5 0 0 0 0 1Z',
  back: 'M10 3.5 5.5 8l4.5 4.5',
} as const

export type IconName = keyof typeof paths

/** A 16-pixel drawing. Always decoration: the words beside it, or the control's label, say the same. */
export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`inline-block shrink-0 ${className}`}
    >
      <path d={paths[name]} />
    </svg>
  )
}
