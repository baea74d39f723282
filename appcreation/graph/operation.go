package graph

// Operation is something that is asked of Graph, and what one needs to be allowed to do it.
type Operation struct {
	doing string // begins an error: "creating the application"
	needs string // completes "This takes …"
	who   string // completes "Who can help: …"
}

// The texts name roles as the admin center does. Source: the "Permissions" section of each operation's page in the
// Graph reference, and "Least privileged roles by task in Microsoft Entra ID".
const (
	needsRegister = "the delegated permission Application.ReadWrite.All, and either that users may register applications in this tenant " +
		"(Entra admin center: Users, User settings) or the role Application Developer"
	needsOwner = "the delegated permission Application.ReadWrite.All, and being an owner of the application or having the role " +
		"Application Administrator or Cloud Application Administrator"
	needsAdmin = "the role Application Administrator or Cloud Application Administrator"
	needsGrant = "the delegated permission DelegatedPermissionGrant.ReadWrite.All and the role Cloud Application Administrator, " +
		"Application Administrator or Privileged Role Administrator"
	needsAppRole = "the delegated permission AppRoleAssignment.ReadWrite.All and the role Cloud Application Administrator, " +
		"Application Administrator or Privileged Role Administrator"
	needsRead = "the delegated permission Application.Read.All, and that users may read the directory"

	whoRegister = "an administrator of the tenant can run this command, allow users to register applications, or give you the role Application Developer"
	whoOwner    = "an owner of the application, or an administrator of the tenant, can run this command or make you an owner"
	whoAdmin    = "an administrator of the tenant can run this command"
	whoGrant    = "an administrator can run this command with --admin-consent; without it each user is asked at their first sign-in, if the tenant lets users consent"
)

var (
	readMe               = Operation{"reading who is signed in", needsRead, whoAdmin}
	readOrganization     = Operation{"reading the tenant", needsRead, whoAdmin}
	readApplication      = Operation{"reading the application", needsRead, whoAdmin}
	readServicePrincipal = Operation{"reading the service principal", needsRead, whoAdmin}
	readGrants           = Operation{"reading consent", needsRead, whoAdmin}
	readDeleted          = Operation{"looking into the bin", needsAdmin, whoAdmin}

	createApplication      = Operation{"creating the application", needsRegister, whoRegister}
	updateApplication      = Operation{"changing the application", needsOwner, whoOwner}
	addOwner               = Operation{"adding an owner", needsOwner, whoOwner}
	addPassword            = Operation{"adding a secret", needsOwner, whoOwner}
	removePassword         = Operation{"removing a secret", needsOwner, whoOwner}
	addFederated           = Operation{"adding a federated credential", needsOwner, whoOwner}
	updateFederated        = Operation{"changing a federated credential", needsOwner, whoOwner}
	removeFederated        = Operation{"removing a federated credential", needsOwner, whoOwner}
	deleteApplication      = Operation{"deleting the application", needsOwner, whoOwner}
	createServicePrincipal = Operation{"creating the service principal", needsRegister, whoRegister}
	updateServicePrincipal = Operation{"changing the service principal", needsOwner, whoOwner}
	grantConsent           = Operation{"giving consent for all users", needsGrant, whoGrant}
	readAppRoles           = Operation{"reading who has an app role", needsRead, whoAdmin}
	assignAppRole          = Operation{"giving an app role to a program", needsAppRole, whoAdmin}
	restoreDeleted         = Operation{"restoring from the bin", needsAdmin, whoAdmin + ", or choose another --name"}
	purgeDeleted           = Operation{"emptying the bin", needsAdmin, whoAdmin + "; what is in the bin vanishes by itself after 30 days"}
)
