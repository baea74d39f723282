// The resources: an environment with the two tiers in it, an identity for each, and what they need.
param location string
param tags object
param suffix string
param apiClientId string
param webuiClientId string
param apiExists bool
param webuiExists bool
param keysExist bool
param redis bool
param traces bool
@secure()
param sessionSeed string
@secure()
param storeSeed string

var apiName = 'ca-api-${suffix}'
var webuiName = 'ca-webui-${suffix}'
var webuiUrl = 'https://${webuiName}.${apps.properties.defaultDomain}'
var apiUrl = 'https://${apiName}.internal.${apps.properties.defaultDomain}'
var authority = '${az.environment().authentication.loginEndpoint}${tenant().tenantId}'
var resourceManagerHost = split(az.environment().resourceManager, '/')[2]
var resourceManager = 'https://${resourceManagerHost}'

// What a tier is: its registration trusts this identity's tokens, it pulls its image and reads its keys with it.
resource apiIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-api-${suffix}'
  location: location
  tags: tags
}

resource webuiIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-webui-${suffix}'
  location: location
  tags: tags
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'cr${suffix}'
  location: location
  tags: tags
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false, anonymousPullEnabled: false }
}

var acrPull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource apiPulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, apiIdentity.id, acrPull)
  scope: registry
  properties: { principalId: apiIdentity.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: acrPull }
}

resource webuiPulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, webuiIdentity.id, acrPull)
  scope: registry
  properties: { principalId: webuiIdentity.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: acrPull }
}

// No purge protection: `azd down --purge` leaves nothing.
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-${suffix}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
  }
}

// A key is 32 bytes in base64; the 32 hexadecimal digits of a random GUID are 32 bytes with 122 random bits in them.
module sessionKey 'secret.bicep' = {
  name: 'session-key'
  params: {
    vaultName: vault.name
    name: 'session-key'
    value: base64(replace(sessionSeed, '-', ''))
    create: !keysExist
    readers: [webuiIdentity.properties.principalId]
  }
}

module storeKey 'secret.bicep' = if (redis) {
  name: 'store-key'
  params: {
    vaultName: vault.name
    name: 'store-key'
    value: base64(replace(storeSeed, '-', ''))
    create: !keysExist
    readers: [apiIdentity.properties.principalId]
  }
}

module shared 'redis.bicep' = if (redis) {
  name: 'redis'
  params: {
    name: 'redis-${suffix}'
    location: location
    tags: tags
    vaultName: vault.name
    readers: [apiIdentity.properties.principalId, webuiIdentity.properties.principalId]
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 }
}

resource apps 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: 'cae-${suffix}'
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: { customerId: logs.properties.customerId, sharedKey: logs.listKeys().primarySharedKey }
    }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

module collector 'collector.bicep' = if (traces) {
  name: 'collector'
  params: { suffix: suffix, location: location, tags: tags, environmentId: apps.id, workspaceId: logs.id }
}

// Settings of both tiers, by the names of production.env.
var common = concat(
  [
    { name: 'ENVIRONMENT', value: 'production' }
    { name: 'AUTHORITY', value: authority }
    { name: 'LOG_FORMAT', value: 'json' }
    { name: 'LOG_LEVEL', value: 'info' }
  ],
  traces ? [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'https://ca-otel-${suffix}.internal.${apps.properties.defaultDomain}' }] : [],
  redis ? [{ name: 'REDIS_URL', secretRef: 'redis-url' }] : []
)

module api 'tier.bicep' = {
  name: 'api'
  dependsOn: [apiPulls, storeKey, shared]
  params: {
    name: apiName
    service: 'api'
    location: location
    tags: tags
    environmentId: apps.id
    registry: registry.properties.loginServer
    identityId: apiIdentity.id
    exists: apiExists
    external: false
    port: 8001
    maxReplicas: 3
    fromVault: redis
      ? [
          { name: 'redis-url', keyVaultUrl: '${vault.properties.vaultUri}secrets/redis-url' }
          { name: 'store-key', keyVaultUrl: '${vault.properties.vaultUri}secrets/store-key' }
        ]
      : []
    settings: concat(
      common,
      [
        { name: 'API_CLIENT_ID', value: apiClientId }
        { name: 'API_CLIENT_MANAGED_IDENTITY', value: apiIdentity.properties.clientId }
        { name: 'API_REQUIRED_SCOPE', value: 'access_as_user' }
        { name: 'API_ALLOWED_CLIENTS', value: webuiClientId }
        { name: 'API_RESOURCE_MANAGER_URL', value: resourceManager }
        { name: 'API_ADDR', value: ':8001' }
      ],
      redis ? [{ name: 'API_STORE_KEY', secretRef: 'store-key' }] : []
    )
  }
}

module webui 'tier.bicep' = {
  name: 'webui'
  dependsOn: [webuiPulls, sessionKey, shared]
  params: {
    name: webuiName
    service: 'webui'
    location: location
    tags: tags
    environmentId: apps.id
    registry: registry.properties.loginServer
    identityId: webuiIdentity.id
    exists: webuiExists
    external: true
    port: 8000
    maxReplicas: redis ? 3 : 1 // without Redis each keeps its own sessions
    fromVault: concat(
      [{ name: 'session-key', keyVaultUrl: '${vault.properties.vaultUri}secrets/session-key' }],
      redis ? [{ name: 'redis-url', keyVaultUrl: '${vault.properties.vaultUri}secrets/redis-url' }] : []
    )
    settings: concat(common, [
      { name: 'WEBUI_CLIENT_ID', value: webuiClientId }
      { name: 'WEBUI_CLIENT_MANAGED_IDENTITY', value: webuiIdentity.properties.clientId }
      { name: 'WEBUI_REDIRECT_URI', value: '${webuiUrl}/account/callback' }
      { name: 'WEBUI_POST_LOGOUT_REDIRECT_URI', value: '${webuiUrl}/' }
      { name: 'WEBUI_SESSION_KEY', secretRef: 'session-key' }
      { name: 'WEBUI_API_URL', value: apiUrl }
      { name: 'WEBUI_API_SCOPE', value: 'api://${apiClientId}/access_as_user' }
      { name: 'WEBUI_ADDR', value: ':8000' }
    ])
  }
}

output registry string = registry.properties.loginServer
output webuiUrl string = webuiUrl
output apiUrl string = apiUrl
// <client id>,<object id>, as appcreation takes them.
output apiIdentity string = '${apiIdentity.properties.clientId},${apiIdentity.properties.principalId}'
output webuiIdentity string = '${webuiIdentity.properties.clientId},${webuiIdentity.properties.principalId}'
