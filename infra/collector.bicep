// Takes the tiers' traces (OTLP over HTTP) and hands them to Application Insights. The environment's own OpenTelemetry agent
// takes gRPC only, which the tiers don't speak.
param suffix string
param location string
param tags object
param environmentId string
param workspaceId string
param image string = 'docker.io/otel/opentelemetry-collector-contrib:0.159.0'

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: workspaceId }
}

var config = '''
receivers:
  otlp:
    protocols:
      http:
        endpoint: 0.0.0.0:4318
processors:
  batch:
exporters:
  azuremonitor:
    connection_string: ${env:APPLICATIONINSIGHTS_CONNECTION_STRING}
service:
  pipelines:
    traces:
      receivers: [otlp]
      processors: [batch]
      exporters: [azuremonitor]
'''

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: 'ca-otel-${suffix}'
  location: location
  tags: tags
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: false, targetPort: 4318, transport: 'http', allowInsecure: false }
    }
    template: {
      scale: { minReplicas: 1, maxReplicas: 1 }
      containers: [
        {
          name: 'collector'
          image: image
          args: ['--config=env:COLLECTOR_CONFIG']
          resources: { cpu: json('0.25'), memory: '0.5Gi' }
          env: [
            { name: 'COLLECTOR_CONFIG', value: config }
            // A name for where to write to, and not a secret ("Connection strings in Application Insights").
            { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insights.properties.ConnectionString }
          ]
        }
      ]
    }
  }
}
