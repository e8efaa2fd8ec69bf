import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';

/** Noto Sans JP has Latin, Greek, Cyrillic and Japanese; pdfkit embeds the glyphs that are used and no others. */
const fonts = {
  regular: fontFile('400Regular/NotoSansJP_400Regular.ttf'),
  medium: fontFile('500Medium/NotoSansJP_500Medium.ttf'),
  bold: fontFile('700Bold/NotoSansJP_700Bold.ttf'),
};

/** Weight of a text. */
export type Weight = keyof typeof fonts;

/** Colours: ink for what is read, grey for what is looked up, one accent. */
export const colours = {
  ink: '#1b1f24',
  grey: '#68707a',
  rule: '#d5d9de',
  band: '#f2f5f5',
  accent: '#0b6762',
};

/** A4 in points, with the margins inside which everything stands. */
export const sheet = {
  width: 595.28,
  height: 841.89,
  left: 48,
  right: 547.28,
  top: 48,
  bottom: 778,
} as const;

/** Where and how a text is set; `x` is its left edge, `width` the space it may fill. */
export interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly weight?: Weight;
  readonly colour?: string;
  readonly align?: 'left' | 'right' | 'center';
}

/** A PDF that is being written. */
export interface Sheets {
  /** Sets a text, wrapped to its width, and gives the height that it took. */
  text(content: string, place: TextPlace): number;
  /** The height that a text would take. */
  heightOf(content: string, place: Omit<TextPlace, 'x' | 'y'>): number;
  rule(
    y: number,
    options?: {
      readonly colour?: string;
      readonly from?: number;
      readonly to?: number;
      readonly width?: number;
    },
  ): void;
  band(
    y: number,
    height: number,
    options?: { readonly colour?: string; readonly from?: number; readonly to?: number },
  ): void;
  addPage(): void;
  /** Lets `draw` write on every page, then closes the file. */
  finish(draw: (page: number, pages: number) => void): Promise<Uint8Array>;
}

/** Opens a file of A4 pages. The same document gives the same bytes: its time is that of its issue. */
export function openSheets(about: {
  readonly title: string;
  readonly author: string;
  readonly language: string;
  readonly createdAt: Date;
}): Sheets {
  const { title, author, language, createdAt } = about;
  const pdf = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    lang: language,
    displayTitle: true,
    info: { Title: title, Author: author, CreationDate: createdAt, ModDate: createdAt },
  });
  const chunks: Uint8Array[] = [];
  pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const written = new Promise<Uint8Array>((resolve, reject) => {
    pdf.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    pdf.on('error', reject);
  });
  for (const [name, file] of Object.entries(fonts)) {
    pdf.registerFont(name, file);
  }
  const setFont = ({ size, weight = 'regular' }: Pick<TextPlace, 'size' | 'weight'>) =>
    pdf.font(weight).fontSize(size);
  const options = ({ width, align = 'left' }: Pick<TextPlace, 'width' | 'align'>) => ({
    width,
    align,
    lineGap: 0,
  });
  return {
    text(content, place) {
      const shown = printable(content);
      setFont(place)
        .fillColor(place.colour ?? colours.ink)
        .text(shown, place.x, place.y, options(place));
      return pdf.heightOfString(shown, options(place));
    },
    heightOf(content, place) {
      return setFont(place).heightOfString(printable(content), options(place));
    },
    rule(y, { colour = colours.rule, from = sheet.left, to = sheet.right, width = 0.6 } = {}) {
      pdf.moveTo(from, y).lineTo(to, y).lineWidth(width).strokeColor(colour).stroke();
    },
    band(y, height, { colour = colours.band, from = sheet.left, to = sheet.right } = {}) {
      pdf.rect(from, y, to - from, height).fill(colour);
    },
    addPage() {
      pdf.addPage();
    },
    finish(draw) {
      const { count } = pdf.bufferedPageRange();
      for (let page = 0; page < count; page++) {
        pdf.switchToPage(page);
        draw(page + 1, count);
      }
      pdf.end();
      return written;
    },
  };
}

/** Control characters have no glyph; the end of a line is one all the same. */
function printable(content: string): string {
  return content.replace(/(?!\n)\p{Cc}/gu, ' ');
}

function fontFile(name: string): string {
  return fileURLToPath(import.meta.resolve(`@expo-google-fonts/noto-sans-jp/${name}`));
}
