/** Source text with line numbers that are not copied along. Long lines scroll sideways, inside. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  const lines = text.replace(/\n$/, '').split('\n')
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="max-h-[36rem] overflow-auto rounded-md border border-line bg-raised py-2 text-small"
    >
      <pre className="min-w-max leading-[1.5]">
        {lines.map((line, index) => (
          <div key={index} className="flex">
            <span aria-hidden="true" className="w-12 shrink-0 pr-4 text-right text-quiet select-none">
              {index + 1}
            </span>
            <code className="pr-4">{line || '\n'}</code>
          </div>
        ))}
      </pre>
    </div>
  )
}
