import { expect, it } from 'vitest';
import { csvFile } from './csv.ts';

it('is read as UTF-8, row by row', () => {
  expect(
    csvFile('账单.csv', [
      ['名称', '数量'],
      ['促销, "大"\n减', 3],
    ]),
  ).toEqual({
    fileName: '账单.csv',
    contentType: 'text/csv; charset=utf-8',
    text: '\uFEFF名称,数量\r\n"促销, ""大""\n减",3\r\n',
  });
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1'])('makes %j harmless where it is text', (text) => {
  expect(csvFile('x', [[text]]).text).toMatch(/^\uFEFF"?'/);
});

it('leaves numbers numbers, and nothing empty', () => {
  expect(csvFile('x', [[-5, 0, null, '']]).text).toBe('\uFEFF-5,0,,\r\n');
});
