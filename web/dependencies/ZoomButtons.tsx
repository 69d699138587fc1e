import { Icon, type IconName } from '../ui/Icon.tsx'

/** `scale`: zoom factor, 1 for the whole picture. `zoomBy(0)` shows the whole picture. */
export function ZoomButtons({ scale, zoomBy }: { scale: number; zoomBy: (factor: number) => void }) {
  return (
    <div role="group" aria-label="Zoom" className="absolute top-0 right-0 z-10 flex gap-1">
      {zooms.map(({ label, key, factor, icon }) => (
        <button
          key={label}
          type="button"
          className="control w-8 px-0"
          aria-label={label}
          aria-keyshortcuts={key}
          title={`${label} (key ${key} in the picture)`}
          onClick={() => zoomBy(factor)}
        >
          <Icon name={icon} />
        </button>
      ))}
      <span role="status" className="sr-only">
        {scale > 1 ? `zoomed ${scale.toFixed(1)} times` : ''}
      </span>
    </div>
  )
}

const zoomStep = 1.6

const zooms: { label: string; key: string; factor: number; icon: IconName }[] = [
  { label: 'Zoom in', key: '+', factor: zoomStep, icon: 'plus' },
  { label: 'Zoom out', key: '-', factor: 1 / zoomStep, icon: 'minus' },
  { label: 'Whole graph', key: '0', factor: 0, icon: 'shrink' },
]

/** Zoom factor of a key; null for other keys. */
export function zoomOfKey(key: string): number | null {
  // Without Shift, the key of + says = on many keyboards.
  return zooms.find((one) => one.key === (key === '=' ? '+' : key))?.factor ?? null
}
