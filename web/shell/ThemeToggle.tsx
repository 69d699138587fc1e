import { Icon } from '../ui/Icon.tsx'
import { chooseTheme, nextTheme, useTheme } from './theme.ts'

const icons = { system: 'system', light: 'sun', dark: 'moon' } as const
const names = { system: 'the system’s', light: 'light', dark: 'dark' } as const

export function ThemeToggle() {
  const theme = useTheme()
  const next = nextTheme(theme)
  const label = `Theme: ${names[theme]}. Change to ${names[next]}`
  return (
    <button
      type="button"
      className="icon-button"
      onClick={() => chooseTheme(next)}
      aria-label={label}
      title={label}
    >
      <Icon name={icons[theme]} />
    </button>
  )
}
