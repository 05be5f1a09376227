import { recordOfJson, recordToJson, type AigcRecord } from './record.ts';

/** The property TC260:AIGC of this namespace carries the record as JSON, in every kind of picture. */
const NAMESPACE = 'http://www.tc260.org.cn/ns/AIGC/1.0/';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const UNESCAPES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** An XMP packet with the record and nothing else. */
export function xmpOf(record: AigcRecord): string {
  const json = recordToJson(record).replaceAll(/[&<>"]/g, (c) => ESCAPES[c] ?? c);
  return [
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:TC260="${NAMESPACE}">`,
    `<TC260:AIGC>${json}</TC260:AIGC>`,
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>',
  ].join('');
}

/** The record of a packet that is exactly as we write them; undefined for any other, whatever it claims. */
export function recordOfXmp(xmp: string): AigcRecord | undefined {
  const json = /<TC260:AIGC>([^<]*)<\/TC260:AIGC>/.exec(xmp)?.[1];
  if (json === undefined) return undefined;
  const record = recordOfJson(json.replaceAll(/&(amp|lt|gt|quot|apos);/g, (entity) => UNESCAPES[entity] ?? entity));
  return record !== undefined && xmpOf(record) === xmp ? record : undefined;
}
