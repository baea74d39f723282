// What `azd up` makes: one resource group with everything in it. docs/deploy.md says what it costs and what to watch.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; names of resources are made of it.')
param environmentName string

@minLength(1)
@metadata({ azd: { type: 'location' } })
param location string

@description('Application (client) ID of the API. The preprovision hook registers it.')
param apiClientId string

@description('Application (client) ID of the web UI. The preprovision hook registers it.')
param webuiClientId string

@description('Whether the API has been deployed: before, a placeholder runs in its place.')
param apiExists bool = false

@description('Whether the web UI has been deployed.')
param webuiExists bool = false

@description('Whether the random keys were made: they are made once. The postprovision hook says so.')
param keysExist bool = false

@description('A Redis that replicas of a tier share. Without it the web UI has one replica.')
param redis bool = false

@description('Application Insights and an OpenTelemetry collector in front of it.')
param traces bool = true

@secure()
@description('Random; the session key is made of it. Nobody passes it.')
param sessionSeed string = newGuid()

@secure()
@description('Random; the API\'s key for what it puts into Redis is made of it. Nobody passes it.')
param storeSeed string = newGuid()

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module resources 'resources.bicep' = {
  name: 'resources'
  scope: group
  params: {
    location: location
    tags: tags
    suffix: toLower(uniqueString(subscription().id, environmentName, location))
    apiClientId: apiClientId
    webuiClientId: webuiClientId
    apiExists: apiExists
    webuiExists: webuiExists
    keysExist: keysExist
    redis: redis
    traces: traces
    sessionSeed: sessionSeed
    storeSeed: storeSeed
  }
}

// azd hands these to the hooks and keeps them in its environment.
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = resources.outputs.registry
output WEBUI_URL string = resources.outputs.webuiUrl
output API_URL string = resources.outputs.apiUrl
output API_IDENTITY string = resources.outputs.apiIdentity
output WEBUI_IDENTITY string = resources.outputs.webuiIdentity
