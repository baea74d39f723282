package templates

import "github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"

// OrdersPage is what [Orders] shows. Its Frame has a User.
type OrdersPage struct {
	Frame
	Orders         []Order
	Known          bool             // the API has said which there are
	Item, Quantity string           // what is in the form for a new one
	Refused        apperror.Failure // why it wasn't taken; zero for a form that wasn't sent
	TraceID        string           // of that
}

// Order is one of a user's, as the orders API names its parts.
type Order struct {
	ID       string `json:"id,omitempty"`
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
}
