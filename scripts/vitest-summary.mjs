// A reporter whose last line is `N passed, N failed`. A file that does not load, a hook that throws and an error
// nobody caught each count as one failed.
export default {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
      for (const test of module.children.allTests()) count[stateOf(test)] += 1;
    }
    if (count.skipped > 0) console.log(`${count.skipped} did not run`);
    console.log(`${count.passed} passed, ${count.failed} failed`);
  },
};

function stateOf(test) {
  const { state } = test.result();
  return state === 'passed' || state === 'failed' ? state : 'skipped';
}
