// The files in a zip, unpacked by the browser, so that only they are sent. Folders and hidden files are left out.

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const MOST_BYTES = 2e9; // unpacked: a small zip can hold a large file

export const isZip = (file) => /\.zip$/i.test(file.name);

export async function unzipped(file) {
  const entries = await entriesOf(file);
  let left = MOST_BYTES;
  const found = [];
  for (const { name, method, packed, offset } of entries) {
    const short = name.split("/").pop();
    if (!short || short.startsWith(".") || name.startsWith("__MACOSX/")) continue;
    const head = new DataView(await file.slice(offset, offset + 30).arrayBuffer());
    const start = offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    const bytes = await read(file.slice(start, start + packed), method, left);
    left -= bytes.size;
    found.push(new File([bytes], short, { lastModified: file.lastModified }));
  }
  if (!found.length) throw new Error("it holds no files");
  return found;
}

async function entriesOf(file) {
  const from = Math.max(0, file.size - 65557); // the end record, and the longest comment behind it
  const tail = new DataView(await file.slice(from).arrayBuffer());
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) throw new Error("it is no whole zip file");
  const count = tail.getUint16(at + 10, true);
  const [size, start] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if (count === 0xffff || start === 0xffffffff) throw new Error("it is too large a zip: unpack it first");
  const list = new DataView(await file.slice(start, start + size).arrayBuffer());
  const found = [];
  for (let k = 0, p = 0; k < count; k++) {
    if (p + 46 > list.byteLength || list.getUint32(p, true) !== ENTRY) throw new Error("it is damaged");
    if (list.getUint16(p + 8, true) & 1) throw new Error("it is encrypted");
    const [name, extra, comment] = [28, 30, 32].map((o) => list.getUint16(p + o, true));
    found.push({
      name: new TextDecoder().decode(new Uint8Array(list.buffer, p + 46, name)), method: list.getUint16(p + 10, true),
      packed: list.getUint32(p + 20, true), offset: list.getUint32(p + 42, true),
    });
    p += 46 + name + extra + comment;
  }
  return found;
}

async function read(packed, method, most) {
  if (method === 0) return packed;
  if (method !== 8) throw new Error("it is packed in a way that browsers can not unpack");
  const parts = [];
  let size = 0;
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts);
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new Error("it unpacks to more than 2 GB");
    }
    parts.push(value);
  }
}
