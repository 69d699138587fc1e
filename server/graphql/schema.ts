import './scalars.ts'
import '../artifacts/artifact.graphql.ts'
import '../builds/build.graphql.ts'
import '../builds/console.graphql.ts'
import '../builds/reproducibility.graphql.ts'
import '../jobs/job.graphql.ts'
import '../jobs/outputs.graphql.ts'
import '../platforms/platform-builds.graphql.ts'
import '../platforms/platform.graphql.ts'
import '../site/site.graphql.ts'
import '../uploads/upload.graphql.ts'
import { builder } from './builder.ts'

export const schema = builder.toSchema()
