/**
 * Converts a square image of three channels from planes, CHW, to pixels, HWC.
 * @param stored how each plane is stored: row by row, or column by column, as MATLAB does
 */
export function planesToPixels(
  planes: Uint8Array,
  pixels: Uint8Array,
  side: number,
  stored: 'by rows' | 'by columns',
): void {
  const [down, right] = stored === 'by rows' ? [side, 1] : [1, side];
  let to = 0;
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      for (let channel = 0; channel < 3; channel++)
        pixels[to++] = planes[channel * side * side + row * down + column * right]!;
}
