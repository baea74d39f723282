// Package plan compares what a tenant and development.env have with what is desired, and says what has to be done, one
// step after the other. It is pure: nothing is read or written here.
//
//	plan.go       what a plan is
//	configure.go  the steps that set everything up
//	credential.go secrets and certificates
//	federated.go  no credential here: an outside issuer's tokens
//	settings.go   development.env
//	consent.go    consent for all users
//	cleanup.go    the steps that take it away again
//	text.go       a plan as people read it
//
// What configure would change is also what doctor finds: a step's changes carry the codes and sentences of both.
package plan

import (
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/keypair"
)

// Kind is what a step does; package apply has a method for each.
type Kind string

// The kinds of steps.
const (
	Application            Kind = "application"              // restore or create it, then give it what it lacks
	Ties                   Kind = "ties"                     // App ID URI, known client, pre-authorizations
	ServicePrincipal       Kind = "service-principal"        // create or enable
	Owner                  Kind = "owner"                    // add the caller
	AssignAppRole          Kind = "app-role"                 // of the API, to the program without a user
	WriteSettings          Kind = "settings"                 // development.env, without secrets
	AddSecret              Kind = "add-secret"               // and write it
	RemoveSecret           Kind = "remove-secret"            // one that nobody has
	MakeCertificate        Kind = "make-certificate"         // a key pair in a file
	UploadCertificates     Kind = "upload-certificates"      // exactly the wanted one among ours
	SetFederated           Kind = "set-federated"            // whose tokens the application takes for a credential
	RemoveFederated        Kind = "remove-federated"         // one that was made here
	MicrosoftAPI           Kind = "microsoft-api"            // service principal of one of Microsoft's APIs
	GrantConsent           Kind = "consent"                  // for all users
	DeleteApplication      Kind = "delete-application"       // into the bin
	PurgeApplication       Kind = "purge-application"        // out of the bin, for good
	PurgeServicePrincipal  Kind = "purge-service-principal"  // the same
	ForgetSettings         Kind = "forget-settings"          // what pointed to the deleted applications
	DeleteCertificateFiles Kind = "delete-certificate-files" // key pairs made here
)

// Verb is what happens to a step's target.
type Verb string

// The verbs.
const (
	Keep    Verb = "unchanged"
	Create  Verb = "create"
	Change  Verb = "change"
	Restore Verb = "restore"
	Remove  Verb = "remove"
)

// Step is one thing to do, or, with the verb [Keep], one thing that is right already.
type Step struct {
	Kind      Kind
	Verb      Verb
	Role      desired.Role // where a step is about one application
	Target    string       // what people call it
	Changes   []desired.Change
	Remark    string // one more line for people
	ID        string // of the object or credential, where the step is about one that is there
	Consent   desired.Consent
	Federated graph.FederatedIdentityCredential // as it should be
	Values    []desired.Value                   // to write to development.env
	Files     []string                          // to delete
}

// Plan is all steps in their order.
type Plan struct {
	Steps []Step
	Notes []string // what a reader should know and no step changes
}

// Empty reports whether nothing has to be done.
func (p Plan) Empty() bool {
	for _, step := range p.Steps {
		if step.Verb != Keep {
			return false
		}
	}
	return true
}

// Local is what lies on this machine.
type Local struct {
	File         string            // development.env's path
	Exists       bool              // whether it is there
	Private      bool              // whether only its owner may read it
	Values       map[string]string // its settings, without placeholders
	Installation string            // its id, under which its secrets are known in the tenant; "" before the first
	Pairs        map[desired.Role]*keypair.Pair
	PairFiles    map[desired.Role]string // where a key pair is or would be
	Now          time.Time
}

// CredentialName is what a secret or certificate for a development.env is called in the tenant.
func CredentialName(installation string) string { return "development.env " + installation }
