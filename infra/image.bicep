// The image that runs now: provisioning again must not put the placeholder back in its place. In a module of its own, since a
// template can't ask for what it is about to write.
param name string
param exists bool

resource app 'Microsoft.App/containerApps@2025-07-01' existing = if (exists) {
  name: name
}

output image string = exists ? app!.properties.template.containers[0].image : 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest'
