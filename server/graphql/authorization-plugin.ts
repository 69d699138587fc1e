import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import { whileAllowed } from './while-allowed.ts'
import { needOf } from '../users/needed-rights.ts'
import type { Context } from './builder.ts'

const pluginName = 'authorization'
export default pluginName

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how plugins of Pothos say their types
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      authorization: AuthorizationPlugin<Types>
    }
  }
}

/**
 * Checks before each field that the viewer has the right that `needed-rights.ts` names. The plugin stands behind that of
 * errors: a refusal becomes the typed result of the field where it has one.
 */
class AuthorizationPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { parentType, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    return checked(resolver, parentType, name)
  }

  override wrapSubscribe(
    subscriber: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    { parentType, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    return subscriber && checked(followed(subscriber), parentType, name)
  }
}

/** On a private site the stream ends when the credentials of its request do. */
function followed<Source, Arguments>(
  subscriber: GraphQLFieldResolver<Source, object, Arguments>,
): GraphQLFieldResolver<Source, object, Arguments> {
  return async (source, args, given, info) => {
    const stream = await subscriber(source, args, given, info)
    const { config, log, stillHasRight } = given as Context
    if (!config.isPrivate) return stream
    return whileAllowed(stream as AsyncIterable<unknown>, () => stillHasRight('read'), log)
  }
}

function checked<Source, Arguments>(
  resolver: GraphQLFieldResolver<Source, object, Arguments>,
  typeName: string,
  fieldName: string,
): GraphQLFieldResolver<Source, object, Arguments> {
  const need = needOf(typeName, fieldName)
  if (need === null || need === 'own' || need === 'none') return resolver
  return (source, args, given, info) => {
    const context = given as Context
    // Every field of a page would wait for a promise otherwise.
    if (need === 'read' && !context.config.isPrivate) return resolver(source, args, given, info)
    return context.requireRight(need).then(() => resolver(source, args, given, info))
  }
}

SchemaBuilder.registerPlugin(pluginName, AuthorizationPlugin)
