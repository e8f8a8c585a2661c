/**
 * CloudWatch's `*`: each piece between asterisks is taken where it is first found and never tried further on, so
 * `*111.111.111` does not match 111.111.111.111 while `*.111.111.111` does.
 */
export function compileGlob(glob: string): (text: string) => boolean {
  const pieces = glob.split('*');
  if (pieces.length === 1) return (text) => text === glob;
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    if (last === '') return true;
    const found = text.indexOf(last, at);
    return found >= 0 && found + last.length === text.length;
  };
}
