// node nag.mjs TEMPLATE.json...: applies cdk-nag's AwsSolutions rules to CloudFormation templates. Findings that exceptions.json
// gives a reason for are left out; any other fails the run, and so does an exception that no finding needs any more.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { App, Aspects, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';

const exceptions = JSON.parse(readFileSync(new URL('./exceptions.json', import.meta.url), 'utf8'));
const used = new Set();
let findings = 0;
let looked = 0;

// exceptionFor is the exception that covers the finding: its rule, a resource whose ID holds one of its names, and where the
// rule says what it found, the end of that.
function exceptionFor(rule, id, finding) {
  return exceptions.find((e) => e.rule === rule && e.resources.some((name) => id.includes(name))
    && (e.found === undefined || finding.endsWith(e.found)));
}

// A rule that fails to read a template is a finding as well: it has said nothing.
class Findings {
  onCompliance() { looked++; }
  onNonCompliance({ ruleId, ruleInfo, findingId, resource }) { this.#found(ruleId, ruleInfo, findingId, resource); }
  onError({ ruleId, errorMessage, resource }) { this.#found(ruleId, `could not be applied: ${errorMessage}`, '', resource); }
  onSuppressed() {}
  onSuppressedError() {}
  onNotApplicable() {}
  #found(rule, info, finding, resource) {
    const id = resource.logicalId ? resource.stack.resolve(resource.logicalId) : resource.node.id;
    looked++;
    const exception = exceptionFor(rule, id, finding);
    if (exception) {
      used.add(exception);
      return;
    }
    findings++;
    console.error(`${resource.stack.stackName}: ${id}: ${rule} ${finding}: ${info}`);
  }
}

for (const path of process.argv.slice(2)) {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, basename(path).split('.')[0]);
  new CfnInclude(stack, 'Template', { templateFile: path });
  Aspects.of(app).add(new AwsSolutionsChecks({ reports: false, additionalLoggers: [new Findings()] }));
  app.synth();
}
for (const exception of exceptions) {
  if (!used.has(exception)) {
    findings++;
    console.error(`exceptions.json: nothing needs the exception for ${exception.rule} any more: strike it`);
  }
}
if (looked === 0) {
  findings++;
  console.error('no rule was applied to anything');
}
console.log(`cdk-nag: ${looked} checks, ${findings} findings without a reason, ${used.size} exceptions`);
process.exit(findings === 0 ? 0 : 1);
