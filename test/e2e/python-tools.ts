import { join } from 'node:path';
import type { CommandOptions } from '../support/process.ts';
import { installPythonPackages } from '../support/python-packages.ts';

/**
 * Tested versions. The Lambda runtime for Python includes boto3, and the CDK handler for bucket notifications uses it.
 */
const PACKAGES = ['ministack==1.5.33', 'cfn-lint==1.58.0', 'boto3==1.43.106'] as const;

/** Paths of the commands. */
export interface PythonTools {
  readonly ministack: string;
  readonly cfnLint: string;
}

/**
 * Installs the emulator and cfn-lint, unless they are installed.
 *
 * @throws Error that names the missing part: Python, or access to the package index
 */
export const installPythonTools = async (options: CommandOptions): Promise<PythonTools> => {
  const purpose =
    'The AWS emulator and cfn-lint of the end-to-end tests are Python packages. They need neither Docker nor an AWS account.';
  const commands = await installPythonPackages(
    { name: 'photo-avatars-e2e', packages: PACKAGES, purpose },
    options,
  );
  return { ministack: join(commands, 'ministack'), cfnLint: join(commands, 'cfn-lint') };
};
