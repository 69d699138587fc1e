/** A file of a build, as far as comparisons need it. */
export type ComparedFile = { path: string; sha256: string; sizeBytes: number }

export type ChangedFile = { path: string; left: ComparedFile; right: ComparedFile }

/** How the files of two builds differ; each part by path. */
export type FilesDiff = {
  onlyLeft: ComparedFile[]
  onlyRight: ComparedFile[]
  changed: ChangedFile[]
  equalCount: number
}

/** Both lists by path. Two files at one path are equal when their hashes are. */
export function diffFiles(left: readonly ComparedFile[], right: readonly ComparedFile[]): FilesDiff {
  const rightByPath = new Map(right.map((file) => [file.path, file]))
  const leftPaths = new Set(left.map(({ path }) => path))
  const diff: FilesDiff = {
    onlyLeft: [],
    onlyRight: right.filter(({ path }) => !leftPaths.has(path)),
    changed: [],
    equalCount: 0,
  }
  for (const file of left) {
    const other = rightByPath.get(file.path)
    if (!other) diff.onlyLeft.push(file)
    else if (other.sha256 !== file.sha256) diff.changed.push({ path: file.path, left: file, right: other })
    else diff.equalCount += 1
  }
  return diff
}
