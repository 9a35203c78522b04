// Tables that people have as files, read in the browser, so that nothing of them need be sent: CSV in the encodings that spreadsheets write, and workbooks (ECMA-376).
"use strict";
(() => {
  const UNPACKED_BYTES_MAX = 96 * 1024 * 1024;
  const ROWS_MAX = 250_000;
  const COLUMNS_MAX = 200;
  const ROUNDED_FROM = 1e15; // a spreadsheet keeps fifteen digits of a number
  const DAY_MILLISECONDS = 86_400_000;

  /** The file is not a table that can be read; the message says why, in the page's language. */
  class Unreadable extends Error {}

  /** @param {File} file @returns {Promise<{line: number, cells: string[]}[]>} Its rows that are not blank, by their lines. Rejects with Unreadable. */
  async function read(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const begins = (...wanted) => wanted.every((byte, place) => bytes[place] === byte);
    if (begins(0xd0, 0xcf, 0x11, 0xe0)) throw new Unreadable(jifen.word("This is a workbook of the old kind (.xls). Save it as .xlsx or CSV."));
    const rows = begins(0x50, 0x4b) ? await workbook(bytes) : separated(textOf(bytes));
    return rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  }

  function textOf(bytes) {
    const marks = [["utf-16le", 0xff, 0xfe], ["utf-16be", 0xfe, 0xff]];
    for (const [encoding, first, second] of marks) if (bytes[0] === first && bytes[1] === second) return new TextDecoder(encoding).decode(bytes);
    for (const encoding of ["utf-8", "gb18030"]) {
      try {
        return new TextDecoder(encoding, { fatal: true }).decode(bytes);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
    throw new Unreadable(jifen.word("The letters of this file cannot be read. Save it as CSV in UTF-8, or as .xlsx."));
  }

  /** CSV (RFC 4180), or with semicolons or tabs where the first line has more of them. */
  function separated(text) {
    const first = text.slice(0, text.search(/[\r\n]|$/));
    const delimiter = [",", ";", "\t"].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best));
    const rows = [];
    let cells = [], cell = "", quoted = false, line = 1, begins = 1;
    const endRow = () => {
      rows.push({ line: begins, cells: [...cells, cell] });
      [cells, cell] = [[], ""];
    };
    for (let place = 0; place < text.length; place += 1) {
      const sign = text[place];
      if (quoted) {
        if (sign === "\n") line += 1;
        if (sign !== '"') cell += sign;
        else if (text[place + 1] === '"') cell += text[(place += 1)];
        else quoted = false;
      } else if (sign === '"' && cell === "") quoted = true;
      else if (sign === delimiter) [cells, cell] = [[...cells, cell], ""];
      else if (sign === "\n" || (sign === "\r" && text[place + 1] !== "\n")) {
        endRow();
        begins = line += 1;
      } else if (sign !== "\r") cell += sign;
    }
    if (quoted) throw new Unreadable(jifen.word("Line %(line)s: a quotation mark opens here and is never closed.", { line: begins }));
    if (cell !== "" || cells.length) endRow();
    return rows;
  }

  /** The first sheet of a workbook; days as 2027-03-31, numbers in full. */
  async function workbook(bytes) {
    const parts = entriesOf(bytes);
    let left = UNPACKED_BYTES_MAX;
    const xml = async (name) => {
      const found = parts.get(name);
      if (!found) return null;
      const text = await unpacked(found, left);
      left -= text.length;
      const document = new DOMParser().parseFromString(text, "application/xml");
      if (document.querySelector("parsererror")) throw broken();
      return document;
    };
    const all = (node, name) => (node ? [...node.getElementsByTagNameNS("*", name)] : []);
    const book = await xml("xl/workbook.xml");
    const [sheet] = all(book, "sheet");
    if (!sheet) throw broken();
    const link = [...sheet.attributes].find((one) => one.localName === "id")?.value;
    const target = all(await xml("xl/_rels/workbook.xml.rels"), "Relationship").find((one) => one.getAttribute("Id") === link)?.getAttribute("Target") ?? "";
    const content = await xml(target.startsWith("/") ? target.slice(1) : `xl/${target}`);
    if (!content) throw broken();
    const textIn = (node) => all(node, "t").filter((one) => one.parentNode.localName !== "rPh").map((one) => one.textContent).join("");
    const shared = all(await xml("xl/sharedStrings.xml"), "si").map(textIn);
    const styles = await xml("xl/styles.xml");
    const dated = datesOf(all(styles, "numFmts")[0], all(styles, "cellXfs")[0]);
    const from = /^(1|true)$/.test(all(book, "workbookPr")[0]?.getAttribute("date1904") ?? "") ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
    const shown = (cell) => {
      const value = all(cell, "v")[0]?.textContent ?? "";
      switch (cell.getAttribute("t") ?? "n") {
        case "s": return shared[Number(value)] ?? "";
        case "inlineStr": return textIn(cell);
        case "n": break;
        default: return value;
      }
      const number = Number(value);
      if (value === "" || !Number.isFinite(number)) return value;
      if (dated[Number(cell.getAttribute("s") ?? 0)]) return new Date(from + Math.floor(number) * DAY_MILLISECONDS).toISOString().slice(0, 10);
      return Math.abs(number) < ROUNDED_FROM ? String(number) : number.toExponential();
    };
    const rows = all(content, "row");
    if (rows.length > ROWS_MAX) throw tooLarge();
    return rows.map((row, place) => {
      const cells = [];
      for (const cell of all(row, "c")) {
        const column = columnOf(cell.getAttribute("r")) ?? cells.length;
        if (column < COLUMNS_MAX) cells[column] = shown(cell);
      }
      return { line: Number(row.getAttribute("r") ?? place + 1), cells: Array.from(cells, (cell) => cell ?? "") };
    });
  }

  const broken = () => new Unreadable(jifen.word("This workbook cannot be read. Save it anew as .xlsx, or as CSV."));
  const tooLarge = () => new Unreadable(jifen.word("This workbook is too large. Save it as CSV, or divide it."));

  /** Column 0 for A1, 27 for AB7. */
  function columnOf(reference) {
    const letters = /^[A-Z]{1,3}/.exec(reference ?? "")?.[0];
    return letters ? [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1 : null;
  }

  /** Of each cell style whether it shows a day (ECMA-376, part 1, 18.8.30). */
  function datesOf(formats, styles) {
    const own = new Map();
    for (const one of formats?.children ?? []) own.set(one.getAttribute("numFmtId"), one.getAttribute("formatCode") ?? "");
    const built = (id) => (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
    return Array.from(styles?.children ?? [], (one) => {
      const id = one.getAttribute("numFmtId");
      return own.has(id) ? /[yd]/i.test(own.get(id).replace(/"[^"]*"|\[[^\]]*\]|\\./g, "")) : built(Number(id));
    });
  }

  /** The files in a ZIP archive (APPNOTE 4.3), packed as they are: name to {bytes, method}. */
  function entriesOf(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = new Map();
    try {
      let end = bytes.length - 22;
      while (view.getUint32(end, true) !== 0x06054b50) end -= 1;
      let place = view.getUint32(end + 16, true);
      for (let count = view.getUint16(end + 10, true); count > 0; count -= 1) {
        const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(place + offset, true));
        const local = view.getUint32(place + 42, true);
        const begins = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
        const name = new TextDecoder().decode(bytes.subarray(place + 46, place + 46 + nameLength));
        found.set(name, { method: view.getUint16(place + 10, true), bytes: bytes.subarray(begins, begins + view.getUint32(place + 20, true)) });
        place += 46 + nameLength + extra + comment;
      }
    } catch (error) {
      if (error instanceof RangeError) throw broken();
      throw error;
    }
    return found;
  }

  /** A packed file's text; what unpacks to more than `most` bytes is given up, however small it is packed. */
  async function unpacked({ method, bytes }, most) {
    if (method !== 0 && method !== 8) throw broken();
    const stream = new Blob([bytes]).stream();
    const reader = (method ? stream.pipeThrough(new DecompressionStream("deflate-raw")) : stream).getReader();
    const decoder = new TextDecoder();
    let text = "", size = 0;
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw broken();
      });
      if (done) return text + decoder.decode();
      size += value.length;
      if (size > most) {
        await reader.cancel();
        throw tooLarge();
      }
      text += decoder.decode(value, { stream: true });
    }
  }

  jifen.sheets = { read, Unreadable };
})();
