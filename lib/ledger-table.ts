import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { LEDGER_SCHEMA } from '../lambda/adapters/table.ts';

export interface LedgerTableProps {
  readonly removalPolicy: RemovalPolicy;
  /** Whether records that carry a time to live are deleted when it is over. */
  readonly expires: boolean;
}

const key = (name: string) => ({ name, type: AttributeType.STRING });

/** Where every request and what became of it is recorded. */
export class LedgerTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: LedgerTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: key(LEDGER_SCHEMA.partitionKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // Encrypted at rest with a key of DynamoDB's own: a KMS key would cost a round trip and a permission.
      encryption: TableEncryption.DEFAULT,
      removalPolicy: props.removalPolicy,
      ...(props.expires && { timeToLiveAttribute: LEDGER_SCHEMA.timeToLive }),
    });
    for (const index of Object.values(LEDGER_SCHEMA.indexes)) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.indexName,
        partitionKey: key(index.partitionKey),
        sortKey: key(index.sortKey),
        projectionType: ProjectionType.ALL,
      });
    }
  }

  /** Lets the grantee read single records, list them by one index, and write them. Not scan, not delete. */
  grantRecord(grantee: IGrantable, index: keyof typeof LEDGER_SCHEMA.indexes): Grant {
    const { indexName } = LEDGER_SCHEMA.indexes[index];
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      resourceArns: [this.table.tableArn],
    }).combine(
      Grant.addToPrincipal({
        grantee,
        actions: ['dynamodb:Query'],
        // Named: CDK's own grants say `index/*`.
        resourceArns: [`${this.table.tableArn}/index/${indexName}`],
      }),
    );
  }
}
