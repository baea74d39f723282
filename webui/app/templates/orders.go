package templates

// OrdersPage is what [Orders] shows. Its Frame has a User.
type OrdersPage struct {
	Frame
	Orders []Order
}

// Order is one of a user's, as the orders API names its parts.
type Order struct {
	ID       string `json:"id,omitempty"`
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
}
