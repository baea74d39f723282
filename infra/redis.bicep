// Azure Managed Redis. What is in it is sealed by the tiers and ends by itself.
param name string
param location string
param tags object
param vaultName string
param readers array

resource cluster 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Balanced_B0' }
  properties: { minimumTlsVersion: '1.2', highAvailability: 'Enabled', publicNetworkAccess: 'Enabled' }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = {
  parent: cluster
  name: 'default'
  properties: {
    clientProtocol: 'Encrypted'
    port: 10000
    clusteringPolicy: 'EnterpriseCluster' // one address: the tiers' client knows nothing of shards
    evictionPolicy: 'VolatileTTL' // a flood of begun sign-ins pushes out what ends soonest, and no users
    accessKeysAuthentication: 'Enabled'
  }
}

module url 'secret.bicep' = {
  name: 'redis-url'
  params: {
    vaultName: vaultName
    name: 'redis-url'
    value: 'rediss://:${uriComponent(database.listKeys().primaryKey)}@${cluster.properties.hostName}:10000/0'
    create: true
    readers: readers
  }
}
