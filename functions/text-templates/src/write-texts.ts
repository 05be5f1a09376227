export interface Garment {
  readonly title: string;
  readonly points: readonly string[];
  readonly price?: string | undefined;
  readonly audience?: string | undefined;
}

/** One text for one place where it is posted. */
export interface MarketingText {
  readonly channel: 'listing' | 'moments' | 'note' | 'live' | 'video';
  readonly name: string;
  readonly text: string;
}

export interface TextBundle {
  readonly texts: readonly MarketingText[];
  /** Words of the member that advertising law forbids or that a platform is likely to refuse: to be looked at. */
  readonly review: readonly string[];
}

/** A listing's title holds 30 Chinese characters on the large platforms. */
const listingCharacters = 30;

/** 广告法 §9 (3) forbids superlatives; the others are refused by the platforms as unprovable. */
const forbidden = [
  '国家级',
  '世界级',
  '最高级',
  '最佳',
  '最好',
  '最低',
  '最低价',
  '最便宜',
  '最高',
  '最大',
  '最新',
  '最受欢迎',
  '第一',
  '唯一',
  '独一无二',
  '顶级',
  '极品',
  '极致',
  '绝对',
  '全网',
  '史无前例',
  '万能',
  '永久',
  '100%',
  '零风险',
];

/** Pure: the same garment gives the same texts. */
export function writeTexts(garment: Garment): TextBundle {
  const texts: MarketingText[] = [
    { channel: 'listing', name: '商品标题', text: writeListing(garment) },
    { channel: 'moments', name: '朋友圈', text: writeMoments(garment) },
    { channel: 'note', name: '种草笔记', text: writeNote(garment) },
    { channel: 'live', name: '直播口播', text: writeLive(garment) },
    { channel: 'video', name: '短视频文案', text: writeVideo(garment) },
  ];
  const given = [garment.title, ...garment.points, garment.audience ?? ''].join('\n');
  return { texts, review: forbidden.filter((word) => given.includes(word)) };
}

/** As one readable file: a heading and the text, one after the other. */
export function bundleAsText({ texts, review }: TextBundle): string {
  const parts = texts.map(({ name, text }) => `【${name}】\n${text}`);
  if (review.length > 0) parts.push(`【请核对】\n以下用词可能违反广告法或平台规则：${review.join('、')}`);
  return `${parts.join('\n\n')}\n`;
}

function writeListing({ title, points }: Garment): string {
  let listing = title;
  for (const point of points.map((text) => text.replaceAll(/[，。、；,.;\s]/gu, ''))) {
    if (listing.length + point.length + 1 <= listingCharacters && !listing.includes(point)) listing += ` ${point}`;
  }
  return listing;
}

function writeMoments({ title, points, price }: Garment): string {
  const list = points.map((point) => `· ${point}`).join('\n');
  return [
    `新品到店｜${title}`,
    list,
    price === undefined ? '喜欢的私信我，发细节图。' : `到手 ${price}，喜欢的私信我，发细节图。`,
  ].join('\n');
}

function writeNote({ title, points, audience }: Garment): string {
  const who = audience === undefined ? '' : `写给${audience}：`;
  const list = points.map((point, i) => `${i + 1}. ${point}`).join('\n');
  const tags = ['穿搭分享', '今日穿搭', title.replaceAll(/[\s·｜|#]/gu, '')].map((tag) => `#${tag}`).join(' ');
  return `${title}，这件可以多看两眼\n\n${who}为什么选它？\n${list}\n\n尺码拿不准就按平时的来，有问题评论区见。\n\n${tags}`;
}

function writeLive({ title, points, price, audience }: Garment): string {
  const hello = audience === undefined ? '来，看这一件' : `${audience}看过来`;
  const reasons = points.map((point, i) => `${['第一点', '再看', '还有'][Math.min(i, 2)]}，${point}。`).join('');
  const offer =
    price === undefined ? '链接已经上架，喜欢的直接拍。' : `今天直播间 ${price}，链接已经上架，喜欢的直接拍。`;
  return `${hello}：${title}。${reasons}${offer}`;
}

function writeVideo({ title, points, price }: Garment): string {
  const scenes = points.slice(0, 4).map((point, i) => `镜头${i + 2}：${point}`);
  return [
    `镜头1：${title}`,
    ...scenes,
    `结尾：${price === undefined ? '点击下方链接看详情' : `${price}，点击下方链接看详情`}`,
  ].join('\n');
}
