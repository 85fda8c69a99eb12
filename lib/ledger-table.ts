import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { LEDGER_SCHEMA } from '../lambda/shared/table.ts';

export interface LedgerTableProps {
  readonly removalPolicy: RemovalPolicy;
  /** Whether DynamoDB deletes records whose time to live has passed. */
  readonly expires: boolean;
}

const key = (name: string) => ({ name, type: AttributeType.STRING });

/** The table of all requests and their outcomes. */
export class LedgerTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: LedgerTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: key(LEDGER_SCHEMA.partitionKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // A key that DynamoDB owns: a KMS key would add a round trip and a permission.
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

  /** Lets the grantee read and write single records and query one index, but not scan or delete. */
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
        // The CDK's grants allow `index/*`.
        resourceArns: [`${this.table.tableArn}/index/${indexName}`],
      }),
    );
  }
}
