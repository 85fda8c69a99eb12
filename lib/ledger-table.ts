import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { LEDGER_SCHEMA } from '../lambda/shared/table.ts';

export interface LedgerTableProps {
  /** Anything but DESTROY also protects the table from deletion. */
  readonly removalPolicy: RemovalPolicy;
  /** Whether DynamoDB deletes records whose time to live has passed. */
  readonly expires: boolean;
  /** Name of an existing table of the same schema. Its settings stay as they are. @default - a table is created */
  readonly existingTableName?: string | undefined;
}

const indexes = Object.values(LEDGER_SCHEMA.indexes);

const key = (name: string) => ({ name, type: AttributeType.STRING });

/** The table of all requests and their outcomes. */
export class LedgerTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, { existingTableName, ...props }: LedgerTableProps) {
    super(scope, id);
    this.table = existingTableName
      ? Table.fromTableAttributes(this, 'ExistingTable', {
          tableName: existingTableName,
          // So that `table.grant…` includes them.
          globalIndexes: indexes.map(({ indexName }) => indexName),
        })
      : this.#create(props);
  }

  #create({ removalPolicy, expires }: LedgerTableProps): Table {
    const isProtected = removalPolicy !== RemovalPolicy.DESTROY;
    const table = new Table(this, 'Table', {
      partitionKey: key(LEDGER_SCHEMA.partitionKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // A key that DynamoDB owns: a KMS key would add a round trip and a permission.
      encryption: TableEncryption.DEFAULT,
      // A protected table cannot be deleted, so a rollback that tries to would fail.
      removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      deletionProtection: isProtected,
      ...(expires && { timeToLiveAttribute: LEDGER_SCHEMA.timeToLive }),
    });
    for (const index of indexes) {
      table.addGlobalSecondaryIndex({
        indexName: index.indexName,
        partitionKey: key(index.partitionKey),
        sortKey: key(index.sortKey),
        projectionType: ProjectionType.ALL,
      });
    }
    return table;
  }

  /** As `grantRecord`. Dispatch also reads all open records at once: those that it may query by their state. */
  grantDispatch(grantee: IGrantable): Grant {
    return this.grantRecord(grantee, 'open', 'byStatus').combine(
      Grant.addToPrincipal({
        grantee,
        actions: ['dynamodb:Scan'],
        resourceArns: [this.#indexArn('open')],
      }),
    );
  }

  /** Lets the grantee read and write single records and query these indexes, but not scan or delete. */
  grantRecord(grantee: IGrantable, ...indexes: (keyof typeof LEDGER_SCHEMA.indexes)[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      resourceArns: [this.table.tableArn],
    }).combine(
      Grant.addToPrincipal({
        grantee,
        actions: ['dynamodb:Query'],
        // The CDK's grants allow `index/*`.
        resourceArns: indexes.map((index) => this.#indexArn(index)),
      }),
    );
  }

  #indexArn(index: keyof typeof LEDGER_SCHEMA.indexes): string {
    return `${this.table.tableArn}/index/${LEDGER_SCHEMA.indexes[index].indexName}`;
  }
}
