// One secret in the vault, and who may read it, and no other.
param vaultName string
param name string
@secure()
param value string
@description('Whether to write it; otherwise it is there already.')
param create bool
@description('Object ids of identities.')
param readers array

var secretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource written 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (create) {
  parent: vault
  name: name
  properties: { value: value }
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {
  parent: vault
  name: name
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for reader in readers: {
    name: guid(vaultName, name, reader, secretsUser)
    scope: secret
    dependsOn: [written]
    properties: { principalId: reader, principalType: 'ServicePrincipal', roleDefinitionId: secretsUser }
  }
]
