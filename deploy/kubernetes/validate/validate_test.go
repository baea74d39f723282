// Package validate builds the folder above as kustomize does, and reads what comes out into the Kubernetes API's own types,
// strictly: a field that they don't have, or one that is there twice, is an error. It is a module of its own, so that the
// sample doesn't depend on Kubernetes.
package validate

import (
	"bytes"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// build is `kubectl kustomize`.
func build(t *testing.T) []byte {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "..")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}

func decode(t *testing.T, manifest []byte) []runtime.Object {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	var objects []runtime.Object
	for _, document := range bytes.Split(manifest, []byte("\n---\n")) {
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			t.Errorf("%v in\n%s", err, document)
			continue
		}
		objects = append(objects, object)
	}
	return objects
}

func TestManifests(t *testing.T) {
	objects := decode(t, build(t))
	names := map[string]bool{}
	var deployments []*appsv1.Deployment
	budgets := map[string]*policyv1.PodDisruptionBudget{}
	for _, object := range objects {
		switch o := object.(type) {
		case *appsv1.Deployment:
			deployments = append(deployments, o)
		case *policyv1.PodDisruptionBudget:
			budgets[o.Name] = o
		case *corev1.ConfigMap:
			names["ConfigMap "+o.Name] = true
		case *corev1.ServiceAccount:
			names["ServiceAccount "+o.Name] = true
		case *corev1.Service:
			names["Service "+o.Name] = true
		case *networkingv1.Ingress:
			for _, rule := range o.Spec.Rules {
				for _, path := range rule.HTTP.Paths {
					if service := path.Backend.Service.Name; service != o.Name {
						t.Errorf("ingress %s leads to %s", o.Name, service)
					}
				}
			}
		}
	}
	if len(deployments) != 2 {
		t.Fatalf("%d deployments, want 2", len(deployments))
	}
	for _, deployment := range deployments {
		t.Run(deployment.Name, func(t *testing.T) {
			pod := deployment.Spec.Template.Spec
			for _, name := range []string{"ServiceAccount " + pod.ServiceAccountName, "Service " + deployment.Name, "ConfigMap " + pod.Containers[0].EnvFrom[0].ConfigMapRef.Name} {
				if !names[name] {
					t.Errorf("there is no %s", name)
				}
			}
			if pod.ServiceAccountName != deployment.Name {
				t.Errorf("the service account is %s: the two tiers must not share one, since it is the credential", pod.ServiceAccountName)
			}
			budget := budgets[deployment.Name]
			if budget == nil || *deployment.Spec.Replicas < 2 || budget.Spec.MaxUnavailable.IntValue() != 1 {
				t.Error("a drained node may take the last replica, or none")
			}
			restricted(t, pod)
			probes(t, pod.Containers[0])
			federated(t, pod)
		})
	}
}

// restricted is the profile of that name ("Pod Security Standards"), and a file system that nobody writes to.
func restricted(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	if s := pod.SecurityContext; s == nil || !*s.RunAsNonRoot || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Error("the pod may run as root, or without a seccomp profile")
	}
	for _, container := range pod.Containers {
		s := container.SecurityContext
		if s == nil || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || len(s.Capabilities.Drop) != 1 || s.Capabilities.Drop[0] != "ALL" || len(s.Capabilities.Add) != 0 {
			t.Errorf("container %s may do more than it needs", container.Name)
		}
		if container.Resources.Requests.Cpu().IsZero() || container.Resources.Requests.Memory().IsZero() || container.Resources.Limits.Memory().IsZero() {
			t.Errorf("container %s has no resources", container.Name)
		}
	}
}

func probes(t *testing.T, container corev1.Container) {
	t.Helper()
	for probe, want := range map[*corev1.Probe]string{container.LivenessProbe: "/healthz", container.StartupProbe: "/healthz", container.ReadinessProbe: "/readyz"} {
		if probe == nil || probe.HTTPGet.Path != want || probe.HTTPGet.Port.String() != container.Ports[0].Name {
			t.Errorf("a probe is %+v, want one of %s", probe, want)
		}
	}
}

// federated: the token in the file that the settings name is for Entra, and for nobody else.
func federated(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	for _, volume := range pod.Volumes {
		if volume.Projected == nil {
			continue
		}
		for _, source := range volume.Projected.Sources {
			if token := source.ServiceAccountToken; token != nil && token.Audience == "api://AzureADTokenExchange" && strings.HasSuffix(pod.Containers[0].VolumeMounts[0].MountPath+"/"+token.Path, "/var/run/secrets/entra/token") {
				return
			}
		}
	}
	t.Error("there is no federated token")
}
