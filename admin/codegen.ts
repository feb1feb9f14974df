import type { CodegenConfig } from '@graphql-codegen/cli';

// Types and documents for every operation in src/**/*.graphql, from the one schema of the server.
const config: CodegenConfig = {
  schema: '../schema.graphqls',
  documents: ['src/**/*.graphql'],
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          ID: 'string',
          Time: 'string',
          Date: 'string',
          Rule: '../api/scalar#Rule',
          Translations: '../api/scalar#Translations',
          JSON: '../api/scalar#Json',
        },
      },
    },
  },
};

export default config;
