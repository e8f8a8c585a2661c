import { CfnQueryDefinition, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Program, programsOfEvents } from '../../core/logging/metrics.ts';
import { type Pattern, PATTERNS } from '../../core/logging/patterns.ts';
import { eventsMatching, toInsights } from '../../core/logging/query.ts';

export interface SavedQueriesProps {
  /** A slash in a query's name makes a folder: `kalshi-tape/prod`. */
  readonly folder: string;
  readonly logGroups: Readonly<Record<Program, ILogGroup>>;
}

/** The query of each heading of the guide, over the log groups where its lines are. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { folder, logGroups }: SavedQueriesProps) {
    super(scope, id);
    for (const [name, { title, query }] of Object.entries(PATTERNS as Readonly<Record<string, Pattern>>)) {
      const programs = programsOfEvents(eventsMatching(query.where));
      new CfnQueryDefinition(this, name, {
        name: `${folder}/${title}`,
        queryString: toInsights(query),
        logGroupNames: programs.map((program) => logGroups[program].logGroupName),
      });
    }
  }
}
