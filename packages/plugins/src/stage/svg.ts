/** Text as XML. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A picture that stands alone, on white. */
export function svgPicture(width: number, height: number, title: string, content: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12"><title>${escaped(title)}</title>` +
    `<rect width="${width}" height="${height}" fill="#fff"/>${content}</svg>\n`
  );
}

export function svgText(x: number, y: number, text: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(text)}</text>`;
}

/** An image of bytes [H,W,C], of one or three channels, as the address of a bitmap. */
export function bitmap(bytes: Uint8Array, [height, width, channels]: readonly [number, number, number]): string {
  const line = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + line * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(-height, 22); // rows from top to bottom
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) {
        // Blue comes first.
        const source = channels === 1 ? 0 : 2 - channel;
        file[54 + y * line + 3 * x + channel] = bytes[(y * width + x) * channels + source]!;
      }
  return `data:image/bmp;base64,${file.toString('base64')}`;
}
