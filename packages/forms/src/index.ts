export { checkAnswers } from './check-answers.ts';
export { checkField, type FitsPattern } from './field-rules.ts';
export { checkFile, type FileFacts } from './file-rules.ts';
export { fileIds } from './file-ids.ts';
export { fieldIssue } from './field-issue.ts';
export { fillDefaults, visibleFields, type Form, type FormInput } from './visible-fields.ts';
