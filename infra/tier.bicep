// One tier as a container app.
param name string
@description('The service of azure.yaml, and the target of the Dockerfile.')
param service string
param location string
param tags object
param environmentId string
param registry string
param identityId string
param exists bool
@description('Whether the internet reaches it, or only the other apps of the environment.')
param external bool
param port int
param maxReplicas int
@description('What settings take from the vault: name and keyVaultUrl.')
param fromVault array
param settings array

module current 'image.bicep' = {
  name: '${service}-image'
  params: { name: name, exists: exists }
}

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': service })
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5 // to go back to
      ingress: { external: external, targetPort: port, transport: 'http', allowInsecure: false }
      registries: [{ server: registry, identity: identityId }]
      secrets: [for key in fromVault: { name: key.name, keyVaultUrl: key.keyVaultUrl, identity: identityId }]
    }
    template: {
      terminationGracePeriodSeconds: 30 // a tier takes 25 at most: DRAIN_DELAY, and what is under way
      scale: {
        minReplicas: 1
        maxReplicas: maxReplicas
        rules: [{ name: 'requests', http: { metadata: { concurrentRequests: '50' } } }]
      }
      containers: [
        {
          name: service
          image: current.outputs.image
          resources: { cpu: json('0.5'), memory: '1Gi' }
          env: settings
          probes: exists
            ? [
                { type: 'Liveness', httpGet: { path: '/healthz', port: port }, periodSeconds: 10, timeoutSeconds: 4, failureThreshold: 3 }
                { type: 'Readiness', httpGet: { path: '/readyz', port: port }, periodSeconds: 2, timeoutSeconds: 4, failureThreshold: 2 }
                { type: 'Startup', httpGet: { path: '/healthz', port: port }, periodSeconds: 3, timeoutSeconds: 4, failureThreshold: 10 }
              ]
            : []
        }
      ]
    }
  }
}
